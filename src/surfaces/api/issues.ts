import type { z } from 'zod';
import { closest } from './closest.ts';
import { keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;

export interface Problem {
  /** Where in that part of the request, for example `hits.0.id`; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly didYouMean?: string;
}

const NAMES = { body: 'body', query: 'query string', params: 'path' } as const;
type Where = keyof typeof NAMES;

/** What is wrong with a value, one sentence per fault. */
export function sentencesOf(issues: readonly Issue[], schema: z.ZodType, where: Where): Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, schema, where, []));
}

function problemsOf(issue: Issue, schema: z.ZodType, where: Where, prefix: readonly PropertyKey[]): Problem[] {
  const path = [...prefix, ...issue.path];
  const place = placeOf(path, where);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => {
      const near = closest(key, known);
      const full = [...path, key].map(String).join('.');
      const hint = near === null ? knownKeys(known) : ` Did you mean "${near}"?`;
      return {
        path: full,
        message: `${place} has the unknown key ${JSON.stringify(key.slice(0, 80))}.${hint}`,
        ...(near === null ? {} : { didYouMean: near }),
      };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const kinds = kindsOf(issue);
    if (kinds !== null) return [{ path: path.map(String).join('.'), message: `${place} must be ${listOf(kinds)}.` }];
    return bestBranch(issue.errors).flatMap((inner) => problemsOf(inner, schema, where, path));
  }
  return [{ path: path.map(String).join('.'), message: `${place} ${demandOf(issue)}.` }];
}

/** When no alternative of a union fits even in kind: what kinds there are. Otherwise null. */
function kindsOf(issue: Issue): string[] | null {
  if (issue.code === 'invalid_type') return [article(String(issue.expected))];
  if (issue.code !== 'invalid_union') return null;
  const kinds = issue.errors.map((branch) =>
    branch.length === 1 && branch[0]?.path.length === 0 ? kindsOf(branch[0]) : null,
  );
  return kinds.length > 0 && kinds.every((kind) => kind !== null) ? [...new Set(kinds.flat())] : null;
}

/** The alternative that the value comes nearest to: faults deep inside mean that its outer shape fitted. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(
      ...issues.map(
        (issue) => issue.path.length + (issue.code === 'invalid_type' || issue.code === 'invalid_value' ? 0 : 0.5),
      ),
    );
  return [...branches].sort((left, right) => depth(right) - depth(left))[0] ?? [];
}

function placeOf(path: readonly PropertyKey[], where: Where): string {
  return path.length === 0
    ? `The ${NAMES[where]}`
    : `"${path.map(String).join('.').slice(0, 200)}" in the ${NAMES[where]}`;
}

function knownKeys(known: readonly string[]): string {
  return known.length === 0 ? '' : ` Known keys: ${known.slice(0, 30).join(', ')}.`;
}

function demandOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `must be ${article(String(issue.expected))}`;
    case 'invalid_value':
      return `must be ${listOf(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'too_small':
      return sizeDemand(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return sizeDemand(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a moment like 2026-01-31T12:00:00Z'
        : `is not a valid ${issue.format}`;
    case 'invalid_key':
      return 'has a key that is not allowed';
    case 'custom':
      return /^(must|needs|has) /.test(issue.message) ? issue.message : `is not accepted: ${issue.message}`;
    default:
      return `is not accepted: ${issue.message}`;
  }
}

function sizeDemand(origin: string, bound: string, limit: number): string {
  if (origin === 'string') return `must have ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set') return `must have ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${bound} ${limit}`;
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};
const article = (expected: string): string => WORDS[expected] ?? expected;
const listOf = (values: readonly string[]): string =>
  values.length <= 1 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
