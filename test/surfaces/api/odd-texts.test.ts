import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Contract, contract } from '../../../src/surfaces/api/contract/contract.ts';
import { openApiDocument } from '../../../src/surfaces/api/openapi.ts';
import { FULL_REQUESTS, type FullRequest, HEADERS, placesOf, withText } from '../support/full-requests.ts';
import { BOOK_FIELDS, BOOKS, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';
import { uncovered } from '../support/uncovered.ts';

let served: ServedStudio;
let before: { readonly sequence: number; readonly fields: unknown; readonly tables: readonly string[] };
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
  const { sequence, fields } = await served.client.getCollection('books');
  before = { sequence, fields, tables: await tableNames() };
});
afterAll(() => served.close());

/** There are some hundred places; over all of them each text comes up often. */
const RUNS_PER_PLACE = 6;

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

/** Sends a request with an odd text in one of its places; what no address can say is sent as near as possible. */
async function sendFull(
  { operation, params = {}, query = {}, body }: FullRequest,
  headers: Record<string, string> = {},
) {
  const { method, path } = contract[operation];
  const address = path.replace(/:(\w+)/g, (_, name: string) => segmentOf(String(params[name])));
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key.toWellFormed(), String(value).toWellFormed()]),
  );
  return await send(served.url, method, `${address}${search.size === 0 ? '' : `?${search}`}`, body, headers);
}

/** Clients shorten `.` and `..` away, which would be another request. */
const segmentOf = (text: string): string =>
  encodeURIComponent(/^\.{0,2}$/.test(text) ? `.${text}.` : text.toWellFormed());

/** What of a text can stand in a header. */
const headerOf = (text: string): string => text.replace(/[^\x20-\x7e\xa0-\xff]/g, '').trim() || '%';

describe('SQL metacharacters and odd Unicode', () => {
  beforeAll(() => served.client.putCollection('scratch', { fields: BOOK_FIELDS }));

  it('are tried in everything that the API takes', () => {
    expect(uncovered(openApiDocument(), FULL_REQUESTS)).toEqual([]);
    expect(new Set(FULL_REQUESTS.map((request) => request.operation))).toEqual(new Set(Object.keys(contract)));
  });

  const places = FULL_REQUESTS.flatMap((request, index) =>
    placesOf({ params: request.params ?? {}, query: request.query ?? {}, body: request.body ?? {} })
      .filter(({ place, isKey }) => place.length > 1 && !(isKey && place[0] === 'params'))
      .filter(({ place }) => place[0] !== 'body' || request.body !== undefined)
      .map(({ place, isKey }) => ({
        request,
        place,
        isKey,
        name: `${index} ${request.operation} ${place.join('.')}${isKey ? ' (key)' : ''}`,
      })),
  );

  it.each(Object.keys(contract) as Array<keyof Contract>)('never break %s, wherever they stand', async (operation) => {
    const own = places.filter(({ request }) => request.operation === operation);
    for (const { request, place, isKey, name } of own) {
      await fc.assert(
        fc.asyncProperty(odd, async (text) => {
          const answer = await sendFull(withText(request, place, isKey, text) as FullRequest);
          expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBeLessThan(500);
        }),
        { numRuns: RUNS_PER_PLACE },
      );
    }
  });

  it.each(HEADERS)('never break anything as the header %s', async (header) => {
    await fc.assert(
      fc.asyncProperty(odd, fc.constantFrom(...FULL_REQUESTS), async (text, request) => {
        if (request.operation === 'deleteCollection') return;
        const answer = await sendFull(request, { [header]: headerOf(text) });
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
      }),
      { numRuns: 30 },
    );
  });

  it('never break NDJSON, as a value or as a line', async () => {
    await fc.assert(
      fc.asyncProperty(odd, async (text) => {
        const lines = `${JSON.stringify({ id: 'line', title: text, [text]: text })}\n${text}\n`;
        const type = { 'content-type': 'application/x-ndjson' };
        const answer = await send(served.url, 'POST', '/v1/collections/scratch/items', lines, type);
        expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      }),
      { numRuns: 30 },
    );
  });

  it('match nothing as the value of a filter, unless an item has just this value', async () => {
    await fc.assert(
      fc.asyncProperty(odd, async (text) => {
        const answer = await send(served.url, 'POST', '/v1/collections/books/count', {
          filter: { term: { color: text } },
        });
        if (answer.status === 200) expect(answer.body.value).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('have changed nothing in the end', async () => {
    const { items } = await served.client.listItems('books');
    expect(items.map(({ id, payload }) => ({ id, ...payload }))).toEqual(BOOKS);
    const { sequence, fields } = await served.client.getCollection('books');
    expect([sequence, fields]).toEqual([before.sequence, before.fields]);
    expect((await served.client.search('books', { query: 'sea' })).hits[0]?.id).toBe('sea');
    const tables = await tableNames();
    expect(before.tables.filter((name) => !tables.includes(name))).toEqual([]);
  });
});

async function tableNames(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
    served.studio.database.db,
  );
  return rows.map((row) => row.name);
}
