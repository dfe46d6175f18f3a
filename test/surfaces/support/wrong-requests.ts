import type { ErrorCode } from '../../../src/foundation/core/error-table.ts';

/** The limit of the server that is asked. */
export const MAX_BODY_BYTES = 2_000_000;

const search = 'POST /v1/collections/books/search';
const items = 'POST /v1/collections/books/items';
const nested = (depth: number): string =>
  `{"filter": ${'{"bool": {"must": ['.repeat(depth)}{"term": {"color": "red"}}${']}}'.repeat(depth)}}`;
const text = { 'content-type': 'text/plain' };
const ndjson = { 'content-type': 'application/x-ndjson' };

/** What is asked, what it is answered: code (its status comes from the table) and a part of the sentence. */
export type WrongRequest = readonly [
  request: string,
  body: unknown,
  code: ErrorCode,
  sentence: string,
  headers?: Readonly<Record<string, string>>,
];
export const WRONG_REQUESTS: readonly WrongRequest[] = [
  // Addresses and methods
  ['GET /v2/collections', undefined, 'route_not_found', 'There is nothing at /v2/collections.'],
  ['GET /../../etc/passwd', undefined, 'route_not_found', 'There is nothing at /etc/passwd.'],
  ['GET /..%2f..%2fetc%2fpasswd', undefined, 'route_not_found', 'There is nothing at'],
  ['GET /v1/collections/%zz', undefined, 'invalid_http', 'check its percent signs'],
  ['GET /v1/collections/books/search', undefined, 'method_not_allowed', 'use POST'],
  ['PATCH /v1/collections/books', {}, 'method_not_allowed', 'use DELETE, GET, HEAD, PUT'],
  ['QUERY /health/live', undefined, 'method_not_allowed', 'QUERY is not possible here; use GET, HEAD'],
  ['GET /v1/models?all=1', undefined, 'invalid_request', 'unknown key "all"; this address takes none'],
  ['GET /v1/collections?limit=0', undefined, 'invalid_request', '"limit" in the query string must be at least 1'],
  ['GET /v1/collections?limit=ten', undefined, 'invalid_request', '"limit" in the query string must be a number'],
  // Bodies
  [search, undefined, 'invalid_request', 'The body is missing'],
  [search, '', 'invalid_request', 'The body is missing'],
  [search, '{"query": "a"', 'invalid_json', 'The body is not valid JSON'],
  [search, new Uint8Array([0x22, 0xff, 0x22]), 'invalid_json', 'not valid UTF-8'],
  [search, '{"__proto__": {"limit": 1}}', 'invalid_json', '"__proto__"'],
  [
    search,
    'query=a',
    'unsupported_media_type',
    'not supported',
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  [search, '{}', 'unsupported_media_type', 'not supported', text],
  [search, '{}', 'unsupported_media_type', 'not possible here', ndjson],
  [search, '{}', 'unsupported_media_type', 'Compressed bodies', { 'content-encoding': 'gzip' }],
  [
    items,
    JSON.stringify({ items: [{ id: 'a', about: 'x'.repeat(MAX_BODY_BYTES) }] }),
    'payload_too_large',
    'larger than this server takes',
  ],
  [search, [], 'invalid_request', 'The body must be an object'],
  // Collections
  ['GET /v1/collections/nope', undefined, 'collection_not_found', 'There is no collection "nope"'],
  ['POST /v1/collections/nope/search', { query: 'a' }, 'collection_not_found', 'There is no collection "nope"'],
  ['POST /v1/collections/nope/items', { items: [] }, 'collection_not_found', 'There is no collection "nope"'],
  ['POST /v1/collections/nope/items', '{"id":"a"}\n', 'collection_not_found', 'There is no collection "nope"', ndjson],
  ['DELETE /v1/collections/nope', undefined, 'collection_not_found', 'There is no collection "nope"'],
  [
    'PUT /v1/collections/Books',
    { fields: { a: { type: 'text' } } },
    'invalid_collection_name',
    '"Books" is not allowed',
  ],
  ['PUT /v1/collections/b', { fields: {} }, 'invalid_schema', 'at least one field'],
  ['PUT /v1/collections/b', {}, 'invalid_schema', '"fields" in the body is missing'],
  [
    'PUT /v1/collections/b',
    { fields: { a: { type: 'txt' } } },
    'invalid_schema',
    '"fields.a.type" in the body must be "text"',
  ],
  [
    'PUT /v1/collections/b',
    { fields: { a: { type: 'text', embedd: true } } },
    'invalid_schema',
    'Did you mean "embed"?',
  ],
  ['PUT /v1/collections/b', { fields: { a: { type: 'geo', facet: true } } }, 'invalid_schema', 'cannot have facet'],
  ['PUT /v1/collections/b', { fields: { 'a b': { type: 'text' } } }, 'invalid_schema', 'is not allowed'],
  [
    'PUT /v1/collections/b',
    { fields: { a: { type: 'text' } }, language: 'klingon' },
    'invalid_schema',
    '"language" in the body must be',
  ],
  [
    'PUT /v1/collections/b',
    { fields: { a: { type: 'text', embed: true } }, models: { text: 'nope' } },
    'model_not_found',
    'nope',
  ],
  ['PUT /v1/collections/books', { fields: { title: { type: 'number' } } }, 'schema_conflict', 'title'],
  [
    'PATCH /v1/collections/books/ranking',
    { lexicalWeight: 2 },
    'invalid_request',
    '"lexicalWeight" in the body must be at most 1',
  ],
  ['PATCH /v1/collections/books/ranking', { memory: { enable: true } }, 'invalid_request', 'Did you mean "enabled"?'],
  // Items
  [items, { item: [] }, 'invalid_request', 'Did you mean "items"?'],
  [items, { items: 'all' }, 'invalid_request', '"items" in the body must be a list'],
  [
    'POST /v1/collections/books/items?wait=forever',
    { items: [] },
    'invalid_request',
    '"wait" in the query string must be "indexed"',
  ],
  [
    'POST /v1/collections/books/items?wait=indexed&timeoutSeconds=9999',
    { items: [] },
    'invalid_request',
    'must be at most 600',
  ],
  [
    items,
    { items: Array.from({ length: 10_001 }, () => ({ id: 'a' })) },
    'invalid_request',
    '"items" in the body must have at most 10000 entries',
  ],
  ['GET /v1/collections/books/items/nope', undefined, 'item_not_found', 'There is no item "nope"'],
  ['DELETE /v1/collections/books/items/nope', undefined, 'item_not_found', 'There is no item "nope"'],
  ['DELETE /v1/collections/books/items/..', undefined, 'route_not_found', 'nothing at /v1/collections/books/.'],
  ['DELETE /v1/collections/books/items/%2e%2e', undefined, 'route_not_found', 'nothing at /v1/collections/books/.'],
  ['GET /v1/collections/books/items/%00', undefined, 'invalid_request', 'NUL'],
  ['GET /v1/collections/books/items?cursor=abc', undefined, 'invalid_cursor', 'cursor'],
  ['GET /v1/collections/books/items?filter={', undefined, 'invalid_filter', 'not valid JSON'],
  ['POST /v1/collections/books/items/delete', {}, 'invalid_request', 'must have either ids or filter'],
  [
    'POST /v1/collections/books/items/delete',
    { ids: ['sea'], filter: {} },
    'invalid_request',
    'must have either ids or filter',
  ],
  ['POST /v1/collections/books/items/delete', { filter: { term: { nope: 1 } } }, 'field_not_found', 'nope'],
  // Searches
  [search, { query: 'a', limt: 5 }, 'invalid_request', 'Did you mean "limit"?'],
  [search, { query: 'a', limit: 1001 }, 'invalid_request', '"limit" in the body must be at most 1000'],
  [search, { query: 'a'.repeat(10_001) }, 'invalid_request', 'must have at most 10000 characters'],
  [search, { query: 'a\u0000b' }, 'invalid_request', 'NUL'],
  [search, { query: 'a\ud800' }, 'invalid_request', 'surrogate'],
  [search, { query: { text: 'a', weight: 1e9 } }, 'invalid_request', '"query.weight" in the body must be at most 100'],
  [search, { query: { itemId: 'nope' } }, 'item_not_found', 'nope'],
  [search, { query: { vector: [1, 2, 3] } }, 'space_mismatch', 'fits no index'],
  [search, { query: { image: 'not a picture' } }, 'invalid_image', 'data URI'],
  [search, { query: { image: 'data:image/png;base64,AAAA' } }, 'invalid_image', 'picture'],
  [search, { query: 'a', offset: 1, cursor: 'x' }, 'invalid_request', 'must not have both offset and cursor'],
  [search, { query: 'a', cursor: 'xyz' }, 'invalid_cursor', 'cursor'],
  [search, { query: 'a', filter: { term: { nope: 1 } } }, 'field_not_found', 'nope'],
  [search, { query: 'a', filter: { term: { about: 'x' } } }, 'field_not_filterable', 'about'],
  [search, { query: 'a', filter: { trem: { color: 'red' } } }, 'invalid_filter', 'trem'],
  [search, { query: 'a', filter: 'red' }, 'invalid_filter', ''],
  [search, { query: 'a', filter: { range: { price: { gt: 'cheap' } } } }, 'invalid_filter', 'price'],
  [search, nested(40), 'filter_too_deep', ''],
  [search, nested(4000), 'invalid_request', 'nested more than'],
  [search, { query: 'a', facets: ['title'] }, 'field_not_facetable', 'title'],
  [search, { query: 'a', sort: ['color'] }, 'field_not_sortable', 'color'],
  [search, { query: 'a', mode: 'magic' }, 'invalid_request', '"hybrid", "vector" or "lexical"'],
  ['POST /v1/collections/books/count', { query: 'a' }, 'invalid_request', 'unknown key "query"'],
  // Feedback, memory, blobs
  ['POST /v1/events', {}, 'invalid_request', '"events" in the body is missing'],
  [
    'POST /v1/events',
    { events: [{ searchId: 'x', itemId: 'sea', type: 'clik' }] },
    'invalid_request',
    '"events.0.type" in the body must be "click"',
  ],
  [
    'POST /v1/events',
    { events: [{ searchId: 'x', itemId: 'sea', type: 'click', at: 'yesterday' }] },
    'invalid_request',
    'must be a moment like',
  ],
  ['GET /v1/collections/nope/memory', undefined, 'collection_not_found', 'nope'],
  ['GET /v1/blobs/abc', undefined, 'blob_not_found', 'abc'],
  ['GET /v1/blobs/..%2f..%2fpasswd', undefined, 'blob_not_found', 'There is no blob'],
];
