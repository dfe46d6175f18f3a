import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { createAnalyzer } from '../../../../src/foundation/core/text/analyzer.ts';
import { parseDistance } from '../../../../src/serving/search/filter/geo.ts';
import { matchesFilter } from '../../../../src/serving/search/filter/matches-filter.ts';
import { parseFilter } from '../../../../src/serving/search/filter/parse-filter.ts';

const fields = {
  title: { type: 'text', filter: true },
  brand: { type: 'keyword', filter: true },
  price: { type: 'number', filter: true },
  added: { type: 'date', filter: true },
  place: { type: 'geo', filter: true },
  secret: { type: 'keyword' },
} as const;
const parse = (input: unknown) =>
  parseFilter(input, { fields, analyze: createAnalyzer('english').analyze, maxDepth: 4, maxClauses: 20 });

const WRONG: ReadonlyArray<[unknown, string, RegExp]> = [
  [null, 'invalid_filter', /object with a clause/],
  [[], 'invalid_filter', /object with a clause/],
  ['brand = 1', 'invalid_filter', /object with a clause/],
  [{}, 'invalid_filter', /object with a clause/],
  [{ term: { brand: 'a' }, range: {} }, 'invalid_filter', /object with a clause/],
  [{ equals: { brand: 'a' } }, 'invalid_filter', /no filter "equals"/],
  [{ term: { brandt: 'a' } }, 'field_not_found', /no field "brandt"/],
  [{ term: { __proto__: null, constructor: 'a' } }, 'field_not_found', /no field "constructor"/],
  [{ term: { secret: 'a' } }, 'field_not_filterable', /not declared with filter/],
  [{ term: { brand: 7 } }, 'invalid_filter', /must be a text/],
  [{ term: { price: '7' } }, 'invalid_filter', /must be a number/],
  [{ term: { brand: null } }, 'invalid_filter', /cannot be null/],
  [{ term: { brand: 'a\u0000b' } }, 'invalid_filter', /NUL/],
  [{ term: { brand: 'a', price: 1 } }, 'invalid_filter', /one field/],
  [{ terms: { brand: [] } }, 'invalid_filter', /at least one value/],
  [{ terms: { brand: 'a' } }, 'invalid_filter', /list/],
  [{ range: { price: {} } }, 'invalid_filter', /at least one of gt/],
  [{ range: { price: { above: 1 } } }, 'invalid_filter', /key is unknown/],
  [{ range: { brand: { gt: 'a' } } }, 'invalid_filter', /needs a number or a date/],
  [{ range: { added: { gt: '2026-02-30' } } }, 'invalid_filter', /ISO 8601/],
  [{ prefix: { price: '1' } }, 'invalid_filter', /needs a keyword/],
  [{ match: { title: { query: 'a', operator: 'xor' } } }, 'invalid_filter', /"or" or "and"/],
  [{ match: { title: ['a'] } }, 'invalid_filter', /Give a text/],
  [{ exists: 'brand' }, 'invalid_filter', /object with field/],
  [{ exists: { field: 'nope' } }, 'field_not_found', /no field/],
  [{ term: { place: 'Berlin' } }, 'invalid_filter', /use geo_distance/],
  [{ geo_distance: { place: { lat: 91, lon: 0 }, distance: '1km' } }, 'invalid_filter', /lat between/],
  [{ geo_distance: { place: { lat: 1, lon: 0 }, distance: 'far' } }, 'invalid_filter', /distance such as/],
  [{ bool: { must: [], every: [] } }, 'invalid_filter', /key is unknown/],
  [{ bool: { should: [{ term: { brand: 'a' } }], minimum_should_match: -1 } }, 'invalid_filter', /whole number/],
  [
    { bool: { must: { bool: { must: { bool: { must: { bool: { must: { term: { brand: 'a' } } } } } } } } } },
    'filter_too_deep',
    /deeper than 4/,
  ],
  [
    { bool: { must: Array.from({ length: 30 }, () => ({ term: { brand: 'a' } })) } },
    'invalid_filter',
    /more than 20 clauses/,
  ],
];

describe('a wrong filter', () => {
  it.each(WRONG)('%j is refused as %s', (input, code, sentence) => {
    let caught: unknown;
    try {
      parse(input);
    } catch (error) {
      caught = error;
    }
    expect(StudioError.isInstance(caught)).toBe(true);
    expect((caught as StudioError).code).toBe(code);
    expect((caught as StudioError).message).toMatch(sentence);
    expect((caught as StudioError).details?.path).toMatch(/^filter/);
  });
});

describe('a date without a time', () => {
  const days = [
    '2026-01-30T23:59:59.999Z',
    '2026-01-31',
    '2026-01-31T12:00:00Z',
    '2026-01-31T23:59:59.999Z',
    '2026-02-01',
  ];
  const { analyze } = createAnalyzer('english');
  const kept = (filter: unknown): number[] =>
    days.flatMap((added, index) => (matchesFilter(parse(filter), { added }, fields, analyze) ? [index] : []));

  it('is the whole day, as in Elasticsearch: after it, up to and with it, or within it', () => {
    expect(kept({ range: { added: { gt: '2026-01-31' } } })).toEqual([4]);
    expect(kept({ range: { added: { gte: '2026-01-31' } } })).toEqual([1, 2, 3, 4]);
    expect(kept({ range: { added: { lt: '2026-01-31' } } })).toEqual([0]);
    expect(kept({ range: { added: { lte: '2026-01-31' } } })).toEqual([0, 1, 2, 3]);
    expect(kept({ term: { added: '2026-01-31' } })).toEqual([1, 2, 3]);
    expect(kept({ any: { added: ['2026-02-01', '2026-01-31T12:00:00Z'] } })).toEqual([2, 4]);
    expect(kept({ all: { added: ['2026-01-31', '2026-01-31T12:00:00Z'] } })).toEqual([2]);
  });

  it('with a time is that moment', () => {
    expect(kept({ range: { added: { lte: '2026-01-31T00:00:00Z' } } })).toEqual([0, 1]);
    expect(kept({ term: { added: '2026-01-31T00:00:00Z' } })).toEqual([1]);
  });
});

describe('distances', () => {
  it('are read with their unit', () => {
    expect(parseDistance('5km')).toBe(5000);
    expect(parseDistance('300 m')).toBe(300);
    expect(parseDistance('1mi')).toBeCloseTo(1609.344);
    expect(parseDistance('5')).toBeNull();
    expect(parseDistance('-5km')).toBeNull();
  });
});
