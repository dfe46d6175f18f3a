import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOOK_FIELDS, BOOKS, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
});
afterAll(() => served.close());

const SQL = [
  "'; drop table items_1; --",
  "' or '1'='1",
  '"',
  "''",
  '\\',
  '%',
  '_',
  '$1',
  '$$',
  '?',
  '/*',
  '*/',
  ';',
  '{}',
  '(',
  ')',
  '[',
  '|',
  '&',
  '!',
  ':*',
  '<->',
  "E'\\x00'",
];
const UNICODE = [
  '\u0000',
  '\ud800',
  '\u202e',
  '\u200d',
  'İ',
  'ß',
  'ﬁ',
  '👩‍👩‍👧',
  '日本語',
  'العربية',
  '\ufeff',
  '\u2028',
  'a\u0301',
  '\uffff',
  '𝔘',
];
const odd = fc.oneof(
  fc.constantFrom(...SQL, ...UNICODE, '', ' ', '\n', '__proto__', 'constructor', 'null', 'NaN', 'x'.repeat(300)),
  fc.array(fc.constantFrom(...SQL, ...UNICODE, 'sea', ' '), { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 20 }),
);

/** Each string position of the API, as a request made from one text. */
const positions: Readonly<Record<string, (text: string) => readonly [method: string, path: string, body?: unknown]>> = {
  query: (text) => ['POST', '/v1/collections/books/search', { query: text }],
  'lexical query': (text) => [
    'POST',
    '/v1/collections/books/search',
    { query: text, mode: 'lexical', highlight: true, explain: true },
  ],
  'query part': (text) => [
    'POST',
    '/v1/collections/books/search',
    {
      query: [
        { text, weight: 1 },
        { itemId: 'sea', weight: -0.5 },
      ],
    },
  ],
  'structured query': (text) => [
    'POST',
    '/v1/collections/books/search',
    { query: { fields: { title: text, [text]: text } } },
  ],
  'item to search by': (text) => ['POST', '/v1/collections/books/search', { query: { itemId: text } }],
  image: (text) => ['POST', '/v1/collections/books/search', { query: { image: text } }],
  cursor: (text) => ['POST', '/v1/collections/books/search', { query: 'sea', cursor: text }],
  'user and session': (text) => ['POST', '/v1/collections/books/search', { query: 'sea', user: text, session: text }],
  'returned field': (text) => ['POST', '/v1/collections/books/search', { query: 'sea', fields: [text] }],
  facet: (text) => ['POST', '/v1/collections/books/search', { query: 'sea', facets: [text] }],
  sort: (text) => ['POST', '/v1/collections/books/search', { query: 'sea', sort: [text] }],
  'filter kind': (text) => ['POST', '/v1/collections/books/search', { filter: { [text]: { color: 'red' } } }],
  'filter field': (text) => ['POST', '/v1/collections/books/search', { filter: { term: { [text]: 'red' } } }],
  'term filter': (text) => ['POST', '/v1/collections/books/search', { filter: { term: { color: text } } }],
  'match filter': (text) => ['POST', '/v1/collections/books/search', { filter: { match: { title: text } } }],
  'phrase filter': (text) => ['POST', '/v1/collections/books/search', { filter: { match_phrase: { title: text } } }],
  'prefix filter': (text) => ['POST', '/v1/collections/books/search', { filter: { prefix: { color: text } } }],
  'wildcard filter': (text) => ['POST', '/v1/collections/books/search', { filter: { wildcard: { color: text } } }],
  'category filter': (text) => ['POST', '/v1/collections/books/search', { filter: { term: { shelf: text } } }],
  'date filter': (text) => ['POST', '/v1/collections/books/search', { filter: { range: { added: { gte: text } } } }],
  'counted filter': (text) => ['POST', '/v1/collections/books/count', { filter: { terms: { color: [text, 'red'] } } }],
  'item text': (text) => [
    'POST',
    '/v1/collections/scratch/items',
    { items: [{ id: 'x', title: text, color: text, shelf: text, other: { [text]: text } }] },
  ],
  'item id': (text) => ['POST', '/v1/collections/scratch/items', { items: [{ id: text, title: 'a' }] }],
  'item line': (text) => [
    'POST',
    '/v1/collections/scratch/items',
    `${JSON.stringify({ id: 'line', title: text })}\n${text}\n`,
  ],
  'item read': (text) => ['GET', `/v1/collections/books/items/${encodeURIComponent(text.toWellFormed())}`],
  'item list': (text) => ['GET', `/v1/collections/books/items?cursor=${encodeURIComponent(text.toWellFormed())}`],
  'listed filter': (text) => ['GET', `/v1/collections/books/items?filter=${encodeURIComponent(text.toWellFormed())}`],
  'deleted ids': (text) => ['POST', '/v1/collections/books/items/delete', { ids: [`no ${text}`] }],
  'deleting filter': (text) => [
    'POST',
    '/v1/collections/books/items/delete',
    { filter: { term: { color: `no ${text}` } } },
  ],
  'collection name': (text) => ['GET', `/v1/collections/${encodeURIComponent(`x${text.toWellFormed()}`)}`],
  'field name': (text) => [
    'PUT',
    '/v1/collections/scratch',
    { fields: { ...BOOK_FIELDS, [text]: { type: 'number', filter: 'no' } } },
  ],
  'event search': (text) => ['POST', '/v1/events', { events: [{ searchId: text, itemId: 'sea', type: 'click' }] }],
  'event fields': (text) => [
    'POST',
    '/v1/events',
    { events: [{ eventId: text, searchId: text, itemId: text || 'a', type: 'click', user: text }] },
  ],
  'memory query': (text) => ['DELETE', `/v1/collections/books/memory?query=${encodeURIComponent(text.toWellFormed())}`],
  'memory page': (text) => ['GET', `/v1/collections/books/memory?cursor=${encodeURIComponent(text.toWellFormed())}`],
  blob: (text) => ['GET', `/v1/blobs/${encodeURIComponent(`x${text.toWellFormed()}`)}`],
};

describe('SQL metacharacters and odd Unicode', () => {
  beforeAll(() => served.client.putCollection('scratch', { fields: BOOK_FIELDS }));

  it.each(Object.entries(positions))('never break anything as %s', async (_name, requestOf) => {
    await fc.assert(
      fc.asyncProperty(odd, async (text) => {
        const [method, path, body] = requestOf(text);
        const headers = typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {};
        const answer = await send(served.url, method, path, body, headers as Record<string, string>);
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
      }),
      { numRuns: 30 },
    );
  });

  it('have changed nothing in the end', async () => {
    const { items } = await served.client.listItems('books');
    expect(items.map(({ id, payload }) => ({ id, ...payload }))).toEqual(BOOKS);
    const { collections } = await served.client.listCollections();
    expect(collections.map((collection) => collection.name)).toEqual(['books', 'scratch']);
    expect(collections[0]?.fields).toEqual({ ...BOOK_FIELDS, about: { type: 'text', lexical: 1 } });
    expect((await served.client.search('books', { query: 'sea' })).hits[0]?.id).toBe('sea');
  });
});
