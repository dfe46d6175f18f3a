import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/serving/collections/columns.ts';
import { evolveSchema, newSettings } from '../../../src/serving/collections/evolve-schema.ts';
import { validateSchema } from '../../../src/serving/collections/validate-schema.ts';

const settingsOf = (fields: object, more: object = {}) => newSettings(validateSchema({ fields, ...more }));

describe('a declared schema', () => {
  const refused: Array<[string, unknown, RegExp]> = [
    ['nothing', {}, /fields/],
    ['no field', { fields: {} }, /at least one field/],
    ['an unknown key', { fields: { a: { type: 'text', boost: 2 } } }, /boost/],
    ['an unknown key of the collection', { fields: { a: { type: 'text' } }, shards: 3 }, /shards/],
    ['an unknown type', { fields: { a: { type: 'string' } } }, /fields\.a\.type/],
    [
      'a picture searched by word',
      { fields: { a: { type: 'image', lexical: true } } },
      /type image cannot have lexical/,
    ],
    ['an embedded point', { fields: { a: { type: 'geo', embed: true } } }, /type geo cannot have embed/],
    ['a counted text', { fields: { a: { type: 'text', facet: true } } }, /type text cannot have facet/],
    ['a sorted category', { fields: { a: { type: 'category', sort: true } } }, /cannot have sort/],
    ['a sorted list', { fields: { a: { type: 'number', sort: true, multiple: true } } }, /both sort and multiple/],
    ['a list of booleans', { fields: { a: { type: 'boolean', multiple: true } } }, /cannot have multiple/],
    ['a negative weight', { fields: { a: { type: 'text', lexical: -1 } } }, /fields\.a\.lexical/],
    ['a field inside another', { fields: { a: { type: 'text' }, 'a.b': { type: 'text' } } }, /lies inside/],
    ['a reserved name', { fields: { id: { type: 'keyword' } } }, /reserved/],
    ['a whole number as a name', { fields: { 12: { type: 'keyword' } } }, /not allowed/],
    ['a name with SQL in it', { fields: { 'a"; drop table items--': { type: 'keyword' } } }, /not allowed/],
    ['a name that is too long', { fields: { [`a${'b'.repeat(64)}`]: { type: 'keyword' } } }, /not allowed/],
    ['a dot at the end', { fields: { 'a.': { type: 'keyword' } } }, /not allowed/],
    [
      'too many fields',
      { fields: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`f${i}`, { type: 'text' }])) },
      /at most 200/,
    ],
    ['an unknown metric', { fields: { a: { type: 'text' } }, metric: 'hamming' }, /metric/],
    ['an unknown language', { fields: { a: { type: 'text' } }, language: 'klingon' }, /language/],
    [
      'more overlap than half a part',
      { fields: { a: { type: 'text' } }, parts: { split: { kind: 'tokens', maxTokens: 10, overlapTokens: 6 } } },
      /half/,
    ],
    [
      'a weight above one',
      { fields: { a: { type: 'text' } }, ranking: { lexicalWeight: 1.5 } },
      /ranking\.lexicalWeight/,
    ],
  ];

  it.each(refused)('with %s is refused in a sentence', (_, input, message) => {
    expect(() => validateSchema(input)).toThrow(message);
    expect(() => validateSchema(input)).toThrow(expect.objectContaining({ code: 'invalid_schema' }));
  });

  it('gets defaults, and the image model only when a picture is embedded', () => {
    expect(settingsOf({ a: { type: 'text', embed: true } })).toMatchObject({
      metric: 'cosine',
      parts: { split: { kind: 'none' }, aggregate: 'max' },
      language: 'english',
      models: { text: 'starter' },
      ranking: {
        lexicalWeight: 0.6,
        memory: { enabled: true, strength: 0.2, prior: 3, minSimilarity: 0.6, limit: 0.5, halfLifeDays: 30 },
      },
    });
    expect(settingsOf({ a: { type: 'image', embed: true } }).models).toEqual({
      text: 'starter',
      image: 'starter-image',
    });
  });
});

describe('a changed schema', () => {
  const stored = settingsOf({
    title: { type: 'text', embed: true },
    price: { type: 'number', filter: true },
    note: { type: 'text' },
  });
  const evolve = (fields: object, more: object = {}) => evolveSchema(stored, validateSchema({ fields, ...more }));
  const same = {
    title: { type: 'text', embed: true },
    price: { type: 'number', filter: true },
    note: { type: 'text' },
  };

  it('is no change when it says the same in another order or with explicit defaults', () => {
    expect(
      evolve({
        note: { type: 'text', filter: false },
        price: { filter: true, type: 'number' },
        title: { type: 'text', embed: true },
      }).changed,
    ).toBe(false);
  });

  it('keeps stored fields in their places and appends new ones', () => {
    const { settings, columns, embedChanged } = evolve({ brand: { type: 'keyword', facet: true }, ...same });
    expect(Object.keys(settings.fields)).toEqual(['title', 'price', 'note', 'brand']);
    expect(columns.map((column) => column.name)).toEqual(['f3']);
    expect(columnsOf(settings.fields).map((column) => column.name)).toEqual(['f1', 'f3']);
    expect(embedChanged).toBe(false);
  });

  it('knows what has to be indexed again', () => {
    expect(evolve({ ...same, note: { type: 'text', embed: true } })).toMatchObject({
      embedChanged: true,
      lexicalChanged: false,
    });
    expect(evolve({ ...same, note: { type: 'text', lexical: 2 } })).toMatchObject({
      embedChanged: false,
      lexicalChanged: true,
    });
    expect(evolve(same, { parts: { split: { kind: 'sentence' } } })).toMatchObject({
      embedChanged: true,
      changed: true,
    });
    expect(evolve(same, { ranking: { lexicalWeight: 0.7 } })).toMatchObject({
      embedChanged: false,
      rankingChanged: true,
      columns: [],
    });
  });

  it.each<[string, object, object?]>([
    ['another type', { ...same, price: { type: 'keyword', filter: true } }],
    ['another metric', same, { metric: 'l2' }],
    ['another language', same, { language: 'german' }],
    ['another model', same, { models: { text: 'minilm' } }],
    ['a list instead of a value', { ...same, price: { type: 'number', filter: true, multiple: true } }],
    ['a removed field with a column', { title: same.title, note: same.note }],
    ['a removed field before one with a column', { price: same.price, note: same.note }],
  ])('is refused as a conflict for %s', (_, fields, more = {}) => {
    expect(() => evolve(fields, more)).toThrow(expect.objectContaining({ code: 'schema_conflict' }));
  });

  it('may lose a field after which no column comes', () => {
    expect(Object.keys(evolve({ title: same.title, price: same.price }).settings.fields)).toEqual(['title', 'price']);
  });
});
