import { readFieldValues } from '../../collections/field-values.ts';
import type { Field, Fields } from '../../collections/schema.ts';
import type { Bound, FilterNode } from './filter-node.ts';
import { parseDistance } from './geo.ts';
import {
  type GivenValue,
  isObject,
  onlyEntry,
  onlyKeys,
  readFault,
  readText,
  readValue,
  refusal,
} from './read-values.ts';

export interface FilterContext {
  readonly fields: Fields;
  /** Index tokens of a text in the collection's language. */
  readonly analyze: (text: string) => readonly string[];
  readonly maxDepth?: number;
  readonly maxClauses?: number;
}

/**
 * Reads the filter language: Elasticsearch's names and meaning, one key an object. Throws `invalid_filter`,
 * `field_not_found`, `field_not_filterable`, `filter_too_deep`, each with the path of the fault in `details.path`.
 *
 * @example parseFilter({ bool: { filter: [{ term: { brand: 'Sony' } }, { range: { price: { lt: 100 } } }] } }, context)
 */
export function parseFilter(input: unknown, context: FilterContext): FilterNode {
  return new Parser(context).node(input, 'filter', 1);
}

const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;
const BOOL_KEYS = ['must', 'filter', 'should', 'must_not', 'minimum_should_match'];

class Parser {
  readonly #context: FilterContext;
  #clauses = 0;

  constructor(context: FilterContext) {
    this.#context = context;
  }

  node(input: unknown, path: string, depth: number): FilterNode {
    const { maxDepth = 10, maxClauses = 1000 } = this.#context;
    if (depth > maxDepth)
      throw refusal(path, `The filter is nested deeper than ${maxDepth} levels.`, 'filter_too_deep');
    if (++this.#clauses > maxClauses) throw refusal(path, `The filter has more than ${maxClauses} clauses.`);
    const [kind, body] = onlyEntry(input, path, 'a clause such as {"term": {"brand": "Sony"}}');
    const at = `${path}.${kind}`;
    switch (kind) {
      case 'bool':
        return this.#bool(body, at, depth);
      case 'term':
        return this.#onField(body, at, (field, name, value, where) => {
          // {term: {brand: {value: 'Sony'}}} is the long form of the same thing.
          const plain =
            isObject(value) && field.type !== 'category' && 'value' in value
              ? onlyKeys(value, ['value'], where).value
              : value;
          return equals(name, [readValue(field, name, plain, where)], false);
        });
      case 'terms':
      case 'any':
      case 'all':
        return this.#onField(body, at, (field, name, value, where) => {
          if (!Array.isArray(value) || value.length === 0) throw refusal(where, 'Give a list of at least one value.');
          if (value.length > 1000)
            throw refusal(where, `${value.length} values are too many; at most 1000 are allowed.`);
          const values = value.map((one, index) => readValue(field, name, one, `${where}[${index}]`));
          return equals(name, values, kind === 'all');
        });
      case 'match':
        return this.#match(body, at);
      case 'match_phrase':
        return this.#onField(body, at, (field, name, value, where) => {
          const text = readText(value, where);
          if (field.type !== 'text') return equals(name, [readValue(field, name, text, where)], false);
          return { kind: 'phrase', field: name, tokens: this.#context.analyze(text) };
        });
      case 'exists': {
        const { field } = onlyKeys(body, ['field'], at);
        const name = readText(field, `${at}.field`);
        this.#field(name, `${at}.field`);
        return { kind: 'exists', field: name };
      }
      case 'range':
        return this.#onField(body, at, (field, name, value, where) => range(field, name, value, where));
      case 'prefix':
        return this.#onField(body, at, (field, name, value, where) => ({
          kind: 'prefix',
          field: name,
          prefix: readText(ofStrings(field, name, value, where), where),
        }));
      case 'wildcard':
        return this.#onField(body, at, (field, name, value, where) => ({
          kind: 'wildcard',
          field: name,
          pattern: readText(ofStrings(field, name, value, where), where),
        }));
      case 'geo_distance':
        return this.#near(body, at);
      default:
        throw refusal(at, `There is no filter "${kind.slice(0, 60)}".`, 'invalid_filter', {
          hint: 'Use match, match_phrase, term, terms, any, all, exists, range, prefix, wildcard, geo_distance or bool.',
        });
    }
  }

  #bool(input: unknown, path: string, depth: number): FilterNode {
    const body = onlyKeys(input, BOOL_KEYS, path);
    const clauses = (key: string): FilterNode[] => {
      const given = body[key];
      if (given === undefined) return [];
      const list = Array.isArray(given) ? given : [given];
      return list.map((clause, index) => this.node(clause, `${path}.${key}[${index}]`, depth + 1));
    };
    const must = [...clauses('must'), ...clauses('filter')];
    const should = clauses('should');
    const mustNot = clauses('must_not');
    // As in Elasticsearch: should matters by itself only where nothing else is asked for.
    const minimum = body.minimum_should_match ?? (must.length === 0 && should.length > 0 ? 1 : 0);
    if (!Number.isInteger(minimum) || (minimum as number) < 0) {
      throw refusal(`${path}.minimum_should_match`, 'It must be a whole number of at least 0.');
    }
    return { kind: 'bool', must, should, minimumShould: minimum as number, mustNot };
  }

  #match(input: unknown, path: string): FilterNode {
    return this.#onField(input, path, (field, name, value, where) => {
      const long = isObject(value) ? onlyKeys(value, ['query', 'operator'], where) : { query: value };
      const text = readText(long.query, `${where}.query`);
      const operator = long.operator ?? 'or';
      if (operator !== 'or' && operator !== 'and') throw refusal(`${where}.operator`, 'It must be "or" or "and".');
      if (field.type !== 'text') return equals(name, [readValue(field, name, text, where)], false);
      return { kind: 'match', field: name, tokens: [...new Set(this.#context.analyze(text))], all: operator === 'and' };
    });
  }

  #near(input: unknown, path: string): FilterNode {
    if (!isObject(input)) throw refusal(path, 'Give {"<field>": {"lat": …, "lon": …}, "distance": "5km"}.');
    const { distance, ...rest } = input;
    const [name, point] = onlyEntry(rest, path, 'one geo field beside distance');
    const field = this.#field(name, path);
    if (field.type !== 'geo')
      throw refusal(`${path}.${name}`, `The field "${name}" is ${field.type}; geo_distance needs a geo field.`);
    const where = `${path}.${name}`;
    const { lat, lon } =
      readFault(where, () => readFieldValues(field, point)[0] as { lat: number; lon: number } | undefined) ?? {};
    if (lat === undefined || lon === undefined) throw refusal(where, 'Give {"lat": …, "lon": …}.');
    const meters = parseDistance(distance);
    if (meters === null) throw refusal(`${path}.distance`, 'Give a distance such as "5km", "300m" or "3mi".');
    return { kind: 'near', field: name, lat, lon, meters };
  }

  #onField(
    body: unknown,
    path: string,
    build: (field: Field, name: string, value: unknown, where: string) => FilterNode,
  ): FilterNode {
    const [name, value] = onlyEntry(body, path, 'one field');
    const field = this.#field(name, path);
    if (field.type === 'geo')
      throw refusal(`${path}.${name}`, `The field "${name}" is geo: use geo_distance or exists.`);
    return build(field, name, value, `${path}.${name}`);
  }

  #field(name: string, path: string): Field {
    const field = Object.hasOwn(this.#context.fields, name) ? this.#context.fields[name] : undefined;
    if (field === undefined)
      throw refusal(path, `The collection has no field "${name.slice(0, 100)}".`, 'field_not_found');
    if (field.filter !== true)
      throw refusal(path, `The field "${name}" is not declared with filter.`, 'field_not_filterable');
    return field;
  }
}

function range(field: Field, name: string, value: unknown, path: string): FilterNode {
  if (field.type !== 'number' && field.type !== 'date') {
    throw refusal(path, `The field "${name}" is ${field.type}; range needs a number or a date.`);
  }
  const body = onlyKeys(value, BOUNDS, path);
  const bounds = BOUNDS.filter((operator) => body[operator] !== undefined && body[operator] !== null).map(
    (operator): Bound => {
      const given = readValue(field, name, body[operator], `${path}.${operator}`);
      // After the 31st, or up to and with it, means the whole of it.
      const reachesOver = operator === 'gt' || operator === 'lte';
      return { operator, value: (reachesOver ? given.last : given.first) as string | number };
    },
  );
  if (bounds.length === 0) throw refusal(path, 'Give at least one of gt, gte, lt and lte.');
  return { kind: 'range', field: name, bounds };
}

/** Any or all of the values; as in Elasticsearch a date without a time is its whole day. */
function equals(name: string, values: readonly GivenValue[], all: boolean): FilterNode {
  const days = values.filter(({ first, last }) => first !== last);
  const moments = values.filter(({ first, last }) => first === last).map(({ first }) => first);
  const plain: FilterNode = { kind: 'equals', field: name, values: [...new Set(moments)], all };
  if (days.length === 0) return plain;
  const each = days.map(
    ({ first, last }): FilterNode => ({
      kind: 'range',
      field: name,
      bounds: [
        { operator: 'gte', value: first as string },
        { operator: 'lte', value: last as string },
      ],
    }),
  );
  const clauses = moments.length === 0 ? each : [...each, plain];
  return all
    ? { kind: 'bool', must: clauses, should: [], minimumShould: 0, mustNot: [] }
    : { kind: 'bool', must: [], should: clauses, minimumShould: 1, mustNot: [] };
}

function ofStrings(field: Field, name: string, value: unknown, path: string): unknown {
  if (field.type === 'keyword' || field.type === 'text' || field.type === 'category') return value;
  throw refusal(path, `The field "${name}" is ${field.type}; this filter needs a keyword, text or category.`);
}
