import { UsageError } from '../failure.ts';

/** One way to search, as an evaluation takes it. */
export interface ArmInput {
  readonly name: string;
  readonly collection?: string;
  readonly mode?: 'hybrid' | 'vector' | 'lexical';
  readonly lexicalWeight?: number;
  readonly memory?: boolean;
  readonly filter?: unknown;
}

const EXAMPLE =
  'For example --arm now, --arm words:mode=lexical or --arm "blue:filter={"term":{"color":"blue"}},memory=false".';
const MODES = ['hybrid', 'vector', 'lexical'] as const;

/**
 * Reads `name:key=value,key=value`. A comma inside of a filter's braces and brackets, or of its texts, parts nothing.
 *
 * @example parseArm('words:mode=lexical,memory=false') // { name: 'words', mode: 'lexical', memory: false }
 */
export function parseArm(text: string): ArmInput {
  const colon = text.indexOf(':');
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  if (name === '') throw new UsageError(`The arm "${text}" has no name.`, EXAMPLE);
  const settings: Record<string, unknown> = {};
  const rest = colon === -1 ? '' : text.slice(colon + 1);
  for (const pair of rest === '' ? [] : parted(rest)) {
    const equals = pair.indexOf('=');
    if (equals === -1) throw new UsageError(`The arm "${name}" has "${pair}" where key=value should be.`, EXAMPLE);
    const key = pair.slice(0, equals).trim();
    if (Object.hasOwn(settings, key)) throw new UsageError(`The arm "${name}" has the key "${key}" twice.`, EXAMPLE);
    settings[key] = settingOf(name, key, pair.slice(equals + 1).trim());
  }
  return { name, ...settings };
}

function settingOf(name: string, key: string, text: string): unknown {
  const refuse = (wanted: string): UsageError =>
    new UsageError(`The arm "${name}" has ${key}=${text}; it must be ${wanted}.`, EXAMPLE);
  switch (key) {
    case 'collection':
      if (text === '') throw refuse('the name of a collection');
      return text;
    case 'mode':
      if (!MODES.some((mode) => mode === text)) throw refuse(MODES.join(', '));
      return text;
    case 'lexicalWeight':
      if (text === '' || !(Number(text) >= 0 && Number(text) <= 1)) throw refuse('a number from 0 to 1');
      return Number(text);
    case 'memory':
      if (text !== 'true' && text !== 'false') throw refuse('true or false');
      return text === 'true';
    case 'filter':
      try {
        return JSON.parse(text);
      } catch {
        throw refuse('a filter in JSON');
      }
    default:
      throw new UsageError(
        `The arm "${name}" has the unknown key "${key}".`,
        'There are collection, mode, lexicalWeight, memory and filter.',
      );
  }
}

/** Parts at commas that lie outside of JSON. */
function parted(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInText && character === '\\') at++;
    else if (character === '"' && (depth > 0 || isInText)) isInText = !isInText;
    else if (isInText) continue;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === ',' && depth <= 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
