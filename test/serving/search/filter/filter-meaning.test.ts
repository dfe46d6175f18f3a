import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { createAnalyzer } from '../../../../src/foundation/core/text/analyzer.ts';
import type { Database } from '../../../../src/foundation/database/open-database.ts';
import { itemTable } from '../../../../src/serving/collections/item-tables.ts';
import type { Collection, Payload } from '../../../../src/serving/collections/schema.ts';
import { upsertItems } from '../../../../src/serving/collections/upsert-items.ts';
import { matchesFilter } from '../../../../src/serving/search/filter/matches-filter.ts';
import { parseFilter } from '../../../../src/serving/search/filter/parse-filter.ts';
import { translateFilter } from '../../../../src/serving/search/filter/translate-filter.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { openStudio } from '../../../support/studio.ts';

const FIELDS = {
  title: { type: 'text', filter: true },
  notes: { type: 'text', filter: true, multiple: true },
  'maker.name': { type: 'keyword', filter: true },
  tags: { type: 'keyword', filter: true, multiple: true },
  price: { type: 'number', filter: true },
  sizes: { type: 'number', filter: true, multiple: true },
  sold: { type: 'boolean', filter: true },
  added: { type: 'date', filter: true },
  shelf: { type: 'category', filter: true },
  place: { type: 'geo', filter: true },
} as const;

const { analyze } = createAnalyzer('english');
const WORDS = [
  'red',
  'Shoes',
  'running',
  '50%',
  'a_b',
  "O'Neil",
  '"; drop table items; --',
  '\\',
  'Ünïcode',
  '東京',
  '*',
  'éa',
];
const word = fc.constantFrom(...WORDS);
const phrase = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
const number = fc.constantFrom(-3, 0, 0.5, 7, 7.25, 1e9);
const date = fc.constantFrom(
  '2026-01-31',
  '2026-01-01',
  '2026-01-31T12:00:00Z',
  '1999-12-31T23:59:59.5Z',
  '2030-06-15T00:00:00+02:00',
);
const path = fc.constantFrom('Home', 'Home > Garden', 'Home > Garden > Tools', 'Books', 'Books > 50%');
const point = fc.record({ lat: fc.constantFrom(52.5, 52.6, -33.9, 0), lon: fc.constantFrom(13.4, 13.5, 151.2, 180) });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const payload: fc.Arbitrary<Payload> = fc
  .record({
    title: maybe(phrase),
    notes: maybe(fc.array(phrase, { maxLength: 3 })),
    maker: maybe(fc.record({ name: maybe(word) })),
    tags: maybe(fc.array(word, { maxLength: 4 })),
    price: maybe(number),
    sizes: maybe(fc.array(number, { maxLength: 3 })),
    sold: maybe(fc.boolean()),
    added: maybe(date),
    shelf: maybe(path),
    place: maybe(point),
  })
  .map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)));

const pattern = fc
  .array(fc.constantFrom('*', '?', 'S', 'red', '%', '_', 'o', '\\'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));
const oneOf = <T>(field: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.tuple(field, value).map(([name, inner]) => ({ [name]: inner }));
const texts = fc.constantFrom('title', 'notes');
const keywords = fc.constantFrom('maker.name', 'tags');
const strings = fc.constantFrom('title', 'notes', 'maker.name', 'tags', 'shelf');
const bounds = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc
    .tuple(fc.constantFrom('gt', 'gte'), fc.constantFrom('lt', 'lte'), value, value, fc.integer({ min: 0, max: 2 }))
    .map(([low, high, from, to, which]) => ({
      ...(which === 1 ? {} : { [low]: from }),
      ...(which === 0 ? {} : { [high]: to }),
    }));

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  oneOf(texts, phrase).map((term) => ({ term })),
  oneOf(keywords, word).map((term) => ({ term })),
  oneOf(fc.constant('shelf'), path).map((term) => ({ term })),
  oneOf(fc.constantFrom('price', 'sizes'), number).map((term) => ({ term })),
  oneOf(fc.constant('added'), date).map((term) => ({ term })),
  oneOf(fc.constant('added'), fc.array(date, { minLength: 1, maxLength: 3 })).chain((body) =>
    fc.constantFrom('any', 'all').map((kind) => ({ [kind]: body })),
  ),
  oneOf(fc.constant('sold'), fc.boolean()).map((term) => ({ term })),
  oneOf(keywords, fc.array(word, { minLength: 1, maxLength: 3 })).chain((body) =>
    fc.constantFrom('terms', 'any', 'all').map((kind) => ({ [kind]: body })),
  ),
  oneOf(texts, phrase).map((match) => ({ match })),
  oneOf(
    texts,
    phrase.map((query) => ({ query, operator: 'and' })),
  ).map((match) => ({ match })),
  oneOf(texts, phrase).map((match_phrase) => ({ match_phrase })),
  fc.constantFrom(...Object.keys(FIELDS)).map((field) => ({ exists: { field } })),
  oneOf(fc.constantFrom('price', 'sizes'), bounds(number)).map((range) => ({ range })),
  oneOf(fc.constant('added'), bounds(date)).map((range) => ({ range })),
  oneOf(
    strings,
    word.map((text) => text.slice(0, 2)),
  ).map((prefix) => ({ prefix })),
  oneOf(strings, pattern).map((wildcard) => ({ wildcard })),
  fc
    .tuple(point, fc.constantFrom('1km', '15km', '20000km', '300m'))
    .map(([place, distance]) => ({ geo_distance: { place, distance } })),
);

const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .record({
        must: fc.array(tie('filter'), { maxLength: 2 }),
        should: fc.array(tie('filter'), { maxLength: 3 }),
        must_not: fc.array(tie('filter'), { maxLength: 2 }),
        filter: fc.array(tie('filter'), { maxLength: 1 }),
        minimum_should_match: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      })
      .map(({ minimum_should_match, ...rest }) => ({
        bool: minimum_should_match === undefined ? rest : { ...rest, minimum_should_match },
      })),
  ),
}));

describeOnEveryDatabase('the meaning of a filter', (open) => {
  let database: Database;
  let collection: Collection;
  let items: Array<{ id: string } & Record<string, unknown>>;

  beforeAll(async () => {
    database = await open();
    const studio = await openStudio(database);
    collection = (await studio.collections.put('things', { fields: FIELDS })).collection;
    items = fc.sample(payload, { numRuns: 80, seed: 5 }).map((made, index) => ({ id: `item ${index}`, ...made }));
    const { failed, errors } = await upsertItems(studio.items, collection, items);
    expect(failed, JSON.stringify(errors[0])).toBe(0);
  });

  it('is the same in SQL as said plainly in memory, for any filter over any items', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (input) => {
        const node = parseFilter(input, { fields: collection.fields, analyze });
        const condition = translateFilter(node, collection.fields);
        const { rows } = await sql<{
          id: string;
        }>`select i.id from ${itemTable(collection.id)} i where ${condition} order by i.key`.execute(database.db);
        const expected = items.filter((item) => matchesFilter(node, item, collection.fields, analyze));
        expect(rows.map((row) => row.id)).toEqual(expected.map((item) => item.id));
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it('leaves every table as it was, whatever the strings in it', async () => {
    const count = async (): Promise<number> => {
      const { rows } = await sql<{
        count: number;
      }>`select count(*)::integer as count from ${itemTable(collection.id)}`.execute(database.db);
      return rows[0]?.count ?? 0;
    };
    const evil = ["'; drop table collections; --", '\\', '%', '_', '"', "''", '$1', '{}', '\u2028', '🙂', '--', '/*'];
    for (const text of evil) {
      for (const kind of ['term', 'prefix', 'wildcard', 'match', 'match_phrase']) {
        const node = parseFilter({ [kind]: { title: text } }, { fields: collection.fields, analyze });
        await sql`select from ${itemTable(collection.id)} i where ${translateFilter(node, collection.fields)}`.execute(
          database.db,
        );
      }
    }
    expect(await count()).toBe(80);
  });
});
