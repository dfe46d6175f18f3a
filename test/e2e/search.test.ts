import { beforeAll, describe, expect, it } from 'vitest';
import type { SearchRequest } from '../../src/serving/search/request.ts';
import type { Studio } from '../../src/studio.ts';
import { DATABASES, studioOpener } from '../support/open-temporary-studio.ts';

const FIELDS = {
  title: { type: 'text', embed: true, lexical: 2, filter: true },
  about: { type: 'text', embed: true, lexical: true },
  color: { type: 'keyword', filter: true, facet: true, sort: true },
  shelf: { type: 'category', filter: true, facet: true },
  price: { type: 'number', filter: true, facet: true, sort: true },
} as const;
const COLORS = ['red', 'green', 'blue', 'black'];
const THINGS = ['chair', 'table', 'lamp', 'running shoe', 'guitar', 'kettle', 'bicycle', 'umbrella', 'camera', 'tent'];

describe.each(DATABASES)('search on %s', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  const search = (request: Partial<SearchRequest>) =>
    studio.services.search.search('shop', { query: [], record: false, ...request });

  beforeAll(async () => {
    studio = await open();
    const { collections, items } = studio.services;
    await collections.put('shop', { fields: FIELDS });
    const made = THINGS.flatMap((thing, t) =>
      COLORS.map((color, c) => ({
        id: `${thing} ${color}`,
        title: `${color} ${thing}`,
        about: `A ${thing} for every day.`,
        color,
        shelf: t < 5 ? 'Home > Living' : 'Outdoor',
        ...(t === 9 ? {} : { price: 10 * t + c }),
      })),
    );
    const { sequence } = await items.upsert('shop', made);
    await items.waitIndexed('shop', sequence, 60);
  });

  it('finds by meaning what shares no word', async () => {
    const { hits } = await search({
      query: [{ text: 'something to keep me dry in the rain' }],
      mode: 'vector',
      limit: 4,
    });
    expect(hits.some((hit) => hit.id.startsWith('umbrella'))).toBe(true);
  });

  it('finds by word, with stems and accents folded', async () => {
    const { hits, total } = await search({ query: [{ text: 'CÄMERAS' }], mode: 'lexical' });
    expect(hits.map((hit) => hit.id).sort()).toEqual(COLORS.map((color) => `camera ${color}`).sort());
    expect(total).toEqual({ value: 4, exact: true });
  });

  it('puts what both agree on first', async () => {
    const { hits } = await search({ query: [{ text: 'red guitar' }] });
    expect(hits[0]?.id).toBe('guitar red');
    expect(hits[0]?.score).toBeCloseTo(1, 6);
  });

  it('fills the page under a filter, and nothing passes that should not', async () => {
    const { hits } = await search({ query: [{ text: 'guitar' }], filter: { term: { shelf: 'Outdoor' } }, limit: 20 });
    expect(hits).toHaveLength(20);
    expect(hits.every((hit) => hit.payload.shelf === 'Outdoor')).toBe(true);
  });

  it('searches by an item, and leaves that item out', async () => {
    const { hits } = await search({ query: [{ itemId: 'tent red' }], limit: 3 });
    expect(hits.map((hit) => hit.id)).not.toContain('tent red');
    expect(hits.every((hit) => hit.id.startsWith('tent'))).toBe(true);
  });

  it('searches by a structured object', async () => {
    const { hits } = await search({ query: [{ fields: { title: 'blue lamp' } }], limit: 1 });
    expect(hits[0]?.id).toBe('lamp blue');
  });

  it('mixes queries by weight, and moves away from negative ones', async () => {
    const { hits } = await search({
      query: [{ text: 'lamp' }, { text: 'red', weight: -0.6 }],
      mode: 'vector',
      limit: 3,
    });
    expect(hits.map((hit) => hit.id)).not.toContain('lamp red');
    expect(hits[0]?.id).toMatch(/^lamp/);
  });

  it('searches by a raw vector, and says which lengths fit', async () => {
    const encoder = await studio.models.encoder('starter');
    const [vector] = await encoder.encodeQueries([{ text: 'kettle' }]);
    const { hits } = await search({ query: [{ vector: [...(vector as Float32Array)] }], limit: 1 });
    expect(hits[0]?.id).toMatch(/^kettle/);
    await expect(search({ query: [{ vector: [1, 2, 3] }] })).rejects.toMatchObject({
      code: 'space_mismatch',
      hint: expect.stringContaining('384'),
    });
  });

  it('leaves out what is farther than the maximal distance', async () => {
    const { hits, total } = await search({ query: [{ text: 'blue camera' }], maxDistance: 0.3, limit: 40 });
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.length).toBeLessThan(20);
    expect(total).toEqual({ value: hits.length, exact: true });
  });

  it('counts facets over what was found', async () => {
    const { facets } = await search({
      query: [{ text: 'guitar' }],
      mode: 'lexical',
      facets: ['color', { field: 'price', ranges: [{ to: 42 }, { from: 42 }] }, 'shelf'],
    });
    expect(facets).toMatchObject({
      color: { values: [...COLORS].sort().map((value) => ({ value, count: 1 })), missing: 0 },
      price: {
        values: [
          { count: 2, to: 42 },
          { count: 2, from: 42 },
        ],
        stats: { min: 40, max: 43, mean: 41.5 },
      },
      shelf: {
        values: [
          { value: 'Home', count: 4 },
          { value: 'Home > Living', count: 4 },
        ],
      },
    });
  });

  it('pages through everything once by cursor, whatever ties and gaps the order has', async () => {
    for (const sort of [['price'], [{ field: 'price', order: 'desc', missing: 'first' }, 'color'], ['color'], []]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await search({ sort, limit: 7, cursor });
        seen.push(...page.hits.map((hit) => hit.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(40);
      expect(new Set(seen).size).toBe(40);
    }
  });

  it('orders found items by other keys', async () => {
    const { hits } = await search({
      query: [{ text: 'guitar' }],
      mode: 'lexical',
      sort: [{ field: 'price', order: 'desc' }],
    });
    expect(hits.map((hit) => hit.payload.price)).toEqual([43, 42, 41, 40]);
  });

  it('continues a recorded search without repeating a hit', async () => {
    const first = await search({ query: [{ text: 'chair' }], record: true, limit: 5 });
    const second = await search({ query: [{ text: 'chair' }], record: true, limit: 5, cursor: first.nextCursor });
    expect(second.searchId).toBe(first.searchId);
    expect(second.hits.map((hit) => hit.position)).toEqual([6, 7, 8, 9, 10]);
    expect(new Set([...first.hits, ...second.hits].map((hit) => hit.id)).size).toBe(10);
  });

  it('refuses a cursor of another request and a forged one', async () => {
    const { nextCursor } = await search({ query: [{ text: 'chair' }], limit: 5 });
    await expect(search({ query: [{ text: 'table' }], limit: 5, cursor: nextCursor })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
    await expect(search({ query: [{ text: 'chair' }], cursor: 'bm9wZQ' })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  it('explains a score by its components, which add up', async () => {
    const { hits } = await search({ query: [{ text: 'green tent' }], explain: true, highlight: true });
    for (const hit of hits) {
      const { lexical, vector, fused, score } = hit.explain!;
      const sum =
        (lexical === null ? 0 : lexical.weight * lexical.normalized) +
        (vector === null ? 0 : vector.weight * vector.normalized);
      expect(fused).toBeCloseTo(sum, 9);
      expect(score).toBeCloseTo(hit.score, 9);
    }
    expect(hits[0]?.highlights?.title).toEqual({
      text: 'green tent',
      ranges: [
        [0, 5],
        [6, 10],
      ],
    });
  });

  it('returns the asked fields alone', async () => {
    const { hits } = await search({ query: [{ text: 'tent' }], fields: ['color'], limit: 1 });
    expect(Object.keys(hits[0]?.payload ?? {})).toEqual(['color']);
  });

  it('sees a changed item under its new words and no longer under the old', async () => {
    const { items } = studio.services;
    const { sequence } = await items.upsert('shop', [
      {
        id: 'kettle red',
        title: 'crimson samovar',
        about: 'Tea for all',
        color: 'red',
        shelf: 'Home > Living',
        price: 50,
      },
    ]);
    await items.waitIndexed('shop', sequence, 60);
    const found = await search({ query: [{ text: 'samovar' }], mode: 'lexical' });
    expect(found.hits.map((hit) => hit.id)).toEqual(['kettle red']);
    const old = await search({ query: [{ text: 'kettle' }], mode: 'lexical' });
    expect(old.hits.map((hit) => hit.id)).not.toContain('kettle red');
    const removed = await items.delete('shop', { ids: ['kettle red'] });
    await items.waitIndexed('shop', removed.sequence, 60);
    expect((await search({ query: [{ text: 'samovar' }], mode: 'lexical' })).hits).toEqual([]);
  });

  it('says what is missing when there is nothing to search by', async () => {
    await expect(search({ query: [{ text: '   ' }] })).rejects.toMatchObject({ code: 'invalid_query' });
    await expect(search({ query: [{ text: 'x' }], limit: 1000 })).rejects.toMatchObject({ code: 'invalid_query' });
    await expect(search({ query: [{ itemId: 'nobody' }] })).rejects.toMatchObject({ code: 'item_not_found' });
  });
});
