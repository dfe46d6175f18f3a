import type { Field, Fields } from '../../../serving/collections/schema.ts';

/** What one field held in the items that were looked at. */
interface Seen {
  values: number;
  lists: boolean;
  readonly kinds: Set<string>;
  readonly distinct: Set<string>;
  words: number;
  longest: number;
}

const MAX_DEPTH = 3;
/** Above this many different values a facet would be a list of everything. */
const MAX_FACET_VALUES = 100;

/**
 * A first schema from a sample of items: texts of several words are embedded and searched by word, short repeated
 * ones become keywords to filter and count, and so on. It is a proposal, which is why it is printed.
 *
 * @example inferSchema([{ id: '1', title: 'Blue chair', price: 20 }])
 * // { title: {type: 'text', embed: true, lexical: true}, price: {type: 'number', filter: true, facet: true, sort: true} }
 */
export function inferSchema(items: readonly unknown[]): Fields {
  const seen = new Map<string, Seen>();
  for (const item of items) if (isObject(item)) look(item, '', 0, seen);
  seen.delete('id');
  seen.delete('version');
  const fields = [...seen].flatMap(([name, field]): Array<[string, Field]> => {
    const declared = declare(field);
    return declared === null || !/^[\p{L}_][\p{L}\p{N}_-]*(\.[\p{L}_][\p{L}\p{N}_-]*)*$/u.test(name)
      ? []
      : [[name, declared]];
  });
  // Without anything to search by, the first keyword is the best there is.
  if (!fields.some(([, field]) => field.embed === true)) {
    const first = fields.findIndex(([, field]) => field.type === 'keyword');
    const found = fields[first];
    if (found !== undefined) fields[first] = [found[0], { ...found[1], embed: true, lexical: true }];
  }
  return Object.fromEntries(fields);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function look(object: Record<string, unknown>, prefix: string, depth: number, seen: Map<string, Seen>): void {
  for (const [key, value] of Object.entries(object)) {
    const name = `${prefix}${key}`;
    if (isObject(value) && !isGeo(value)) {
      if (depth < MAX_DEPTH) look(value, `${name}.`, depth + 1, seen);
      continue;
    }
    const field = seen.get(name) ?? {
      values: 0,
      lists: false,
      kinds: new Set(),
      distinct: new Set(),
      words: 0,
      longest: 0,
    };
    seen.set(name, field);
    if (Array.isArray(value)) field.lists = true;
    for (const single of Array.isArray(value) ? value : [value]) note(field, single);
  }
}

function note(field: Seen, value: unknown): void {
  if (value === null || value === undefined) return;
  field.kinds.add(kindOf(value));
  field.values++;
  if (typeof value !== 'string') return;
  field.words += value.split(/\s+/).length;
  field.longest = Math.max(field.longest, value.length);
  if (field.distinct.size <= MAX_FACET_VALUES && value.length <= 200) field.distinct.add(value);
}

const isGeo = (value: Record<string, unknown>): boolean =>
  Object.keys(value).length === 2 && typeof value.lat === 'number' && typeof value.lon === 'number';

function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value;
  if (isObject(value)) return isGeo(value) ? 'geo' : 'object';
  if (typeof value !== 'string') return 'other';
  if (/^data:image\/|^blob:[0-9a-f]{64}$/i.test(value.slice(0, 80))) return 'image';
  if (/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(value)) return 'date';
  return /\S > \S/.test(value) ? 'category' : 'string';
}

function declare(field: Seen): Field | null {
  const kind =
    field.kinds.size === 1
      ? [...field.kinds][0]
      : [...field.kinds].every((one) => one === 'string' || one === 'date' || one === 'category')
        ? 'string'
        : null;
  const list = field.lists ? { multiple: true } : {};
  switch (kind) {
    case 'number':
      return { type: 'number', filter: true, facet: true, ...(field.lists ? list : { sort: true }) };
    case 'boolean':
      return field.lists ? null : { type: 'boolean', filter: true, facet: true };
    case 'date':
      return { type: 'date', filter: true, ...(field.lists ? list : { sort: true }) };
    case 'geo':
      return field.lists ? null : { type: 'geo', filter: true };
    case 'image':
      return { type: 'image', embed: true, ...list };
    case 'category':
      return { type: 'category', embed: true, lexical: true, filter: true, facet: true, ...list };
    case 'string':
      return isKeyword(field)
        ? { type: 'keyword', filter: true, facet: true, ...list }
        : { type: 'text', embed: true, lexical: true, ...list };
    default:
      return null;
  }
}

/** Short and repeated: a value from a small set rather than prose. */
function isKeyword({ values, words, longest, distinct }: Seen): boolean {
  return (
    longest <= 60 &&
    words / values <= 3 &&
    distinct.size <= MAX_FACET_VALUES &&
    distinct.size <= Math.max(2, values / 3)
  );
}
