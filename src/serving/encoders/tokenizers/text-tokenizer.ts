import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../../foundation/core/errors.ts';
import { openBertTokenizer } from './bert-tokenizer.ts';
import { openGeneralTokenizer } from './general-tokenizer.ts';
import type { TextTokenizer } from './token-ids.ts';

export interface OpenedTokenizer extends TextTokenizer {
  /** What fills the shorter rows of a batch; masked, so its choice matters only to graphs that count positions by it. */
  readonly padId: number;
}

/** Opens `tokenizer.json` (and `tokenizer_config.json`) of a model folder. Throws `invalid_model`. */
export function openTokenizer(folder: string, maxTokens: number): OpenedTokenizer {
  const file = join(folder, 'tokenizer.json');
  const definition = readDefinition(file);
  if (definition === null) {
    throw new StudioError('invalid_model', `The model folder has no ${file}.`, {
      hint: 'Save the fast tokenizer of the model there (tokenizer.save_pretrained writes it).',
    });
  }
  const config = readDefinition(join(folder, 'tokenizer_config.json')) ?? {};
  const padId = padIdOf(definition, config);
  try {
    const tokenizer = openBertTokenizer(definition, maxTokens) ?? openGeneralTokenizer(definition, config, maxTokens);
    return { padId, encode: (text) => tokenizer.encode(text), count: (text) => tokenizer.count(text) };
  } catch (cause) {
    throw new StudioError(
      'invalid_model',
      `${file} is not a tokenizer that can be read: ${(cause as Error).message}.`,
      {
        hint: 'Save it again with a recent version of the tokenizers library.',
        cause,
      },
    );
  }
}

type Json = Readonly<Record<string, unknown>>;

function readDefinition(file: string): Json | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new StudioError('invalid_model', `${file} is not JSON.`, { hint: 'Copy the file again.', cause });
  }
}

function padIdOf(definition: Json, config: Json): number {
  const declared = (definition.padding as { pad_id?: unknown } | null | undefined)?.pad_id;
  if (typeof declared === 'number') return declared;
  const name =
    typeof config.pad_token === 'string' ? config.pad_token : (config.pad_token as Json | undefined)?.content;
  const added = (definition.added_tokens ?? []) as ReadonlyArray<{ id: number; content: string }>;
  return added.find((token) => token.content === (name ?? '[PAD]') || token.content === '<pad>')?.id ?? 0;
}
