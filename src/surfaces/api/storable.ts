import { StudioError } from '../../foundation/core/errors.ts';
import type { InputCheck } from './compile-input.ts';

/** Deeper than any filter or payload may be, and shallow enough for everything that walks a value recursively. */
const MAX_DEPTH = 500;

/** Adds to a check that every text, keys included, can be stored, and that nesting is bounded. */
export function storable(check: InputCheck, where: string): InputCheck {
  return (value) => {
    const parsed = check(value);
    const fault = faultOf(parsed);
    if (fault !== null) throw new StudioError('invalid_request', `The ${where} ${fault}.`);
    return parsed;
  };
}

// Its own stack: the depth is not known before the walk.
function faultOf(root: unknown): string | null {
  const open: Array<{ readonly value: unknown; readonly depth: number }> = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      const fault = textFault(value);
      if (fault !== null) return fault;
    }
    if (value === null || typeof value !== 'object') continue;
    if (depth >= MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
    // A vector has thousands of numbers and nothing to check.
    if (Array.isArray(value) && typeof value[0] === 'number' && value.every((entry) => typeof entry === 'number'))
      continue;
    for (const [key, inner] of Object.entries(value)) {
      const fault = textFault(key);
      if (fault !== null) return fault;
      open.push({ value: inner, depth: depth + 1 });
    }
  }
  return null;
}

function textFault(text: string): string | null {
  if (text.includes('\u0000')) return 'has a text with the character NUL, which no database stores';
  return text.isWellFormed() ? null : 'has a text with half of a surrogate pair, which is no valid Unicode';
}
