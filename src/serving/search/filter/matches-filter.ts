import { readFieldValues } from '../../collections/field-values.ts';
import { readPath } from '../../collections/payload-paths.ts';
import type { Fields, Payload } from '../../collections/schema.ts';
import type { Bound, FilterNode } from './filter-node.ts';
import { haversineMeters } from './geo.ts';

/**
 * What a filter means, said plainly over one payload in memory. The SQL translation is tested against it, and whoever
 * has an item at hand can ask without a database.
 */
export function matchesFilter(
  node: FilterNode,
  payload: Payload,
  fields: Fields,
  analyze: (text: string) => readonly string[],
): boolean {
  const matches = (filter: FilterNode): boolean => matchesFilter(filter, payload, fields, analyze);
  if (node.kind === 'bool') {
    return (
      node.must.every(matches) &&
      node.should.filter(matches).length >= node.minimumShould &&
      !node.mustNot.some(matches)
    );
  }
  const values = valuesOf(node.field, payload, fields);
  switch (node.kind) {
    case 'equals':
      return node.all
        ? node.values.every((value) => values.includes(value))
        : node.values.some((value) => values.includes(value));
    case 'match': {
      const tokens = new Set(values.flatMap((value) => analyze(value as string)));
      if (node.tokens.length === 0) return false;
      return node.all
        ? node.tokens.every((token) => tokens.has(token))
        : node.tokens.some((token) => tokens.has(token));
    }
    case 'phrase':
      return node.tokens.length > 0 && values.some((value) => hasRun(analyze(value as string), node.tokens));
    case 'exists':
      return values.length > 0;
    case 'range':
      return values.some((value) => node.bounds.every((bound) => within(value, bound)));
    case 'prefix':
      return values.some((value) => (value as string).startsWith(node.prefix));
    case 'wildcard':
      return values.some((value) => fits([...(value as string)], [...node.pattern]));
    case 'near':
      return values.some((value) => {
        const { lat, lon } = value as unknown as { lat: number; lon: number };
        return haversineMeters(node.lat, node.lon, lat, lon) <= node.meters;
      });
  }
}

type Value = string | number | boolean;

function valuesOf(field: string, payload: Payload, fields: Fields): Value[] {
  const declared = fields[field];
  if (declared === undefined) return [];
  return readFieldValues(declared, readPath(payload, field)).flatMap((value) =>
    declared.type === 'category' ? ancestors(value as string[]) : [value as Value],
  );
}

const ancestors = (levels: readonly string[]): string[] =>
  levels.map((_, index) => levels.slice(0, index + 1).join(' > '));

const hasRun = (tokens: readonly string[], run: readonly string[]): boolean =>
  tokens.some((_, start) => run.every((token, offset) => tokens[start + offset] === token));

function within(value: Value, { operator, value: bound }: Bound): boolean {
  // ISO 8601 texts of one form compare as times do, but for years beyond four digits, which the parser refuses.
  if (operator === 'gt') return value > bound;
  if (operator === 'gte') return value >= bound;
  return operator === 'lt' ? value < bound : value <= bound;
}

/** Whether characters fit a pattern of `*` and `?`: the two-pointer walk with one place to fall back to. */
function fits(text: readonly string[], pattern: readonly string[]): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
