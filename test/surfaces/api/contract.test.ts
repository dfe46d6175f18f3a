import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/surfaces/api/request-log.ts';
import { BOOK_FIELDS, BOOKS, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

const logged: string[] = [];
let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ logger: createLogger('info', { write: (line) => void logged.push(line) }) });
});
afterAll(() => served.close());

describe('the contract, through the typed client', () => {
  it('makes collections, tells whether anything changed, and lists them page by page', async () => {
    await putBooks(served.client);
    expect(await served.client.putCollection('books', { fields: BOOK_FIELDS })).toMatchObject({
      created: false,
      changed: false,
    });
    expect(await served.client.putCollection('albums', { fields: BOOK_FIELDS })).toMatchObject({
      created: true,
      changed: true,
    });
    const first = await served.client.listCollections({ limit: 1 });
    const second = await served.client.listCollections({ limit: 1, cursor: first.nextCursor ?? '' });
    expect([...first.collections, ...second.collections].map((collection) => collection.name)).toEqual([
      'albums',
      'books',
    ]);
    expect(second.nextCursor).toBeNull();
    expect(await served.client.deleteCollection('albums')).toEqual({ deleted: true });
  });

  it('tells how many items there are, how far the indexes are, and what serves', async () => {
    const { items, indexes, sequence, liveReleaseId } = await served.client.getCollection('books');
    expect(items).toBe(4);
    expect(indexes.map(({ kind, model, lag, appliedSequence }) => [kind, model, lag, appliedSequence])).toEqual([
      ['vector', 'starter', 0, sequence],
      ['lexical', null, 0, sequence],
    ]);
    const { releases } = await served.client.listReleases('books');
    expect(releases).toMatchObject([
      { id: liveReleaseId, live: true, state: 'live', indexes: [{ kind: 'vector' }, { kind: 'lexical' }] },
    ]);
  });

  it('reads items one by one, page by page and by filter, and skips what is unchanged', async () => {
    expect((await served.client.getItem('books', 'wood')).payload).toMatchObject({ title: 'A walk in the forest' });
    const first = await served.client.listItems('books', { limit: 3 });
    const second = await served.client.listItems('books', { limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map((item) => item.id)).toEqual(BOOKS.map((book) => book.id));
    const blue = await served.client.listItems('books', { filter: JSON.stringify({ term: { color: 'blue' } }) });
    expect(blue.items.map((item) => item.id)).toEqual(['sea', 'star']);
    expect(await served.client.putItems('books', { items: BOOKS })).toMatchObject({ accepted: 4, unchanged: 4 });
  });

  it('finds, counts, filters, facets, sorts, highlights and explains', async () => {
    const answer = await served.client.search('books', {
      query: 'stars',
      facets: ['color'],
      highlight: true,
      explain: true,
      fields: ['title'],
      limit: 2,
    });
    expect(answer.hits[0]).toMatchObject({
      id: 'star',
      position: 1,
      payload: { title: 'Stars at night' },
      explain: { release: answer.release },
    });
    expect(answer.hits[0]?.highlights).toHaveProperty('title');
    expect(answer.facets).toHaveProperty('color');
    const next = await served.client.search('books', {
      query: 'stars',
      facets: ['color'],
      highlight: true,
      explain: true,
      fields: ['title'],
      limit: 2,
      cursor: answer.nextCursor,
    });
    expect([next.searchId, next.hits[0]?.position]).toEqual([answer.searchId, 3]);
    const cheap = await served.client.search('books', {
      filter: { range: { price: { lt: 20 } } },
      sort: [{ field: 'price', order: 'desc' }],
    });
    expect(cheap.hits.map((hit) => hit.id)).toEqual(['sea', 'wood']);
    expect(await served.client.count('books', { filter: { term: { shelf: 'Nature' } } })).toEqual({
      value: 2,
      exact: true,
    });
    const mixed = await served.client.search('books', {
      query: ['sea', { itemId: 'wood', weight: -0.5 }],
      mode: 'vector',
      record: false,
    });
    expect([mixed.searchId, mixed.hits[0]?.id]).toEqual([null, 'sea']);
  });

  it('learns from a click, shows what it learned, can leave it out, and forgets', async () => {
    const ask = (memory: boolean) =>
      served.client.search('books', { query: 'something quiet', memory, explain: true, limit: 4 });
    const before = await ask(false);
    const last = before.hits.at(-1)?.id as string;
    const scoreIn = ({ hits }: typeof before): number => hits.find((hit) => hit.id === last)?.score as number;
    for (const user of ['a', 'b', 'c', 'd', 'e']) {
      const { searchId } = await served.client.search('books', { query: 'something quiet', user, limit: 4 });
      const click = { searchId: searchId as string, itemId: last, type: 'click' as const, user };
      expect(await served.client.sendEvents({ events: [click] })).toMatchObject({ accepted: 1, rejected: [] });
    }
    const after = await ask(true);
    expect(scoreIn(after)).toBeGreaterThan(scoreIn(before));
    expect(after.hits.find((hit) => hit.id === last)?.explain).toMatchObject({
      signals: {
        memory: {
          boost: expect.any(Number),
          why: { from: [{ query: 'something quiet', clicks: expect.closeTo(5, 2) }] },
        },
      },
    });
    expect(scoreIn(await ask(false))).toBeCloseTo(scoreIn(before), 6);
    const { queries } = await served.client.listMemory('books');
    const remembered = queries.find((query) => query.query === 'something quiet');
    expect(remembered?.items.find((item) => item.itemId === last)?.clicks).toBeCloseTo(5, 3);
    const exported = (await served.client.exportMemory('books')).trim().split('\n');
    expect(exported.map((line) => JSON.parse(line))).toEqual(queries);
    expect(await served.client.forgetMemory('books', { query: 'something quiet' })).toEqual({ forgotten: 1 });
    expect((await served.client.listMemory('books')).queries).toEqual([]);
  });

  it('takes the longest query and filter in an address', async () => {
    expect(await served.client.forgetMemory('books', { query: 'ü'.repeat(10_000) })).toEqual({ forgotten: 0 });
    const filter = JSON.stringify({ terms: { color: Array.from({ length: 900 }, () => 'x'.repeat(50)) } });
    expect((await served.client.listItems('books', { filter })).items).toEqual([]);
  });

  it('changes how a collection ranks from the next search on', async () => {
    expect(await served.client.patchRanking('books', { lexicalWeight: 1, memory: { enabled: false } })).toMatchObject({
      lexicalWeight: 1,
      memory: { enabled: false },
    });
    const { hits, release } = await served.client.search('books', { query: 'stars', explain: true });
    expect(hits[0]?.explain).toMatchObject({ release, lexical: { weight: 1 } });
  });

  it('knows the models and never tells where their folders lie', async () => {
    const { models } = await served.client.listModels();
    expect(models.map((model) => [model.id, model.modality])).toEqual(
      expect.arrayContaining([
        ['starter', 'text'],
        ['starter-image', 'image'],
      ]),
    );
    expect(JSON.stringify(models)).not.toContain(process.cwd());
  });

  it('deletes items by id and by filter', async () => {
    expect(await served.client.deleteItem('books', 'cook')).toMatchObject({ deleted: 1 });
    expect(await served.client.deleteItems('books', { ids: ['sea', 'never there'] })).toMatchObject({ deleted: 1 });
    expect(await served.client.deleteItems('books', { filter: { term: { color: 'green' } } })).toMatchObject({
      deleted: 1,
    });
    expect((await served.client.getCollection('books')).items).toBe(1);
  });

  it('refuses names that every client would shorten away, so that to delete an item never deletes more', async () => {
    for (const id of ['', '.', '..']) {
      await expect(served.client.deleteItem('books', id)).rejects.toThrow('cannot be named in an address');
    }
    expect((await served.client.getCollection('books')).items).toBe(1);
  });

  it('gives its own description', async () => {
    expect(await served.client.openapi()).toMatchObject({ openapi: '3.1.0' });
  });

  it('throws errors with their code, hint and status', async () => {
    await expect(served.client.getItem('books', 'a/b c')).rejects.toMatchObject({
      name: 'ApiError',
      code: 'item_not_found',
      status: 404,
    });
  });
});

describe('the log', () => {
  it('has a line for each request, and nothing of what people ask or who they are', async () => {
    const secret = 'a very private question';
    const query = encodeURIComponent(secret);
    await send(served.url, 'DELETE', `/v1/collections/books/memory?query=${query}`, undefined, {
      authorization: 'Bearer token-1',
      cookie: 'id=token-1',
    });
    await send(served.url, 'POST', '/v1/collections/books/search', { query: secret, user: secret });
    await send(served.url, 'POST', '/v1/collections/books/search', `{"query": "${secret}"`);
    const lines = logged.map((line) => JSON.parse(line));
    expect(lines.filter((line) => line.msg === 'answered').at(-1)).toMatchObject({
      method: 'POST',
      route: '/v1/collections/:name/search',
      status: 400,
    });
    const text = logged.join('');
    expect(text).not.toContain(secret);
    expect(text).not.toContain(query);
    expect(text).not.toContain('token-1');
  });
});
