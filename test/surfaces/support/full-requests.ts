import type { Contract } from '../../../src/surfaces/api/contract/contract.ts';

/** A good request with everything in it that its operation takes. */
export interface FullRequest {
  readonly operation: keyof Contract;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const PICTURE = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>').toString('base64')}`;
const books = { name: 'books' };
/** What is written goes here. */
const scratch = { name: 'scratch' };

const memory = { enabled: true, strength: 0.2, prior: 3, limit: 0.5, halfLifeDays: 30, minSimilarity: 0.6 };

const profile = { enabled: true, strength: 1, prior: 10, limit: 0.3, halfLifeDays: 90 };

/** Every kind of clause once. */
const filter = {
  bool: {
    must: [{ term: { color: 'blue' } }, { terms: { color: ['blue', 'red'] } }, { any: { shelf: ['Nature'] } }],
    filter: [{ all: { color: ['blue'] } }, { range: { price: { gte: 1, gt: 1, lte: 90, lt: 90 } } }],
    should: [
      { match: { title: 'sea' } },
      { match: { title: { query: 'the sea', operator: 'and' } } },
      { match_phrase: { title: 'the sea' } },
      { range: { added: { gte: '2026-01-01' } } },
    ],
    minimum_should_match: 1,
    must_not: [
      { prefix: { color: 're' } },
      { wildcard: { color: 'r*' } },
      { exists: { field: 'place' } },
      { geo_distance: { place: { lat: 1, lon: 1 }, distance: '5km' } },
    ],
  },
};

const search = {
  query: ['sea', { text: 'ship', weight: 1 }, { itemId: 'sea', weight: -0.5 }],
  mode: 'hybrid',
  filter,
  facets: ['color', { field: 'price', limit: 5, ranges: [{ from: 1, to: 20 }] }, { field: 'added', interval: 'month' }],
  sort: [
    '_score',
    { field: 'price', order: 'desc', missing: 'last' },
    { geo: { field: 'place', lat: 1, lon: 1 }, order: 'asc', missing: 'first' },
  ],
  limit: 3,
  user: 'user-1',
  session: 'session-1',
  fields: ['title'],
  highlight: true,
  explain: true,
  maxDistance: 2,
  record: true,
  lexicalWeight: 0.5,
  memory: true,
  personalize: true,
};

const declared = {
  fields: {
    title: {
      type: 'text',
      embed: true,
      lexical: 3,
      filter: true,
      facet: false,
      sort: false,
      multiple: false,
    },
  },
  metric: 'cosine',
  parts: { split: { kind: 'tokens', maxTokens: 100, overlapTokens: 10 }, aggregate: { topMean: 2 } },
  language: 'english',
  models: { text: 'starter', image: 'starter-image' },
  ranking: { lexicalWeight: 0.5, memory, exploration: { share: 0.1, depth: 20 }, profile },
};

const item = {
  id: 'x',
  version: 1,
  title: 'A title',
  about: 'About it',
  color: 'blue',
  shelf: 'Nature > Sky',
  price: 3,
  added: '2026-01-02',
  place: { lat: 1, lon: 1 },
  other: { deep: ['value'] },
};

const UBI_QUERY = {
  query_id: 'q-1',
  user_query: 'sea',
  client_id: 'c-1',
  timestamp: '2026-01-01T00:00:00Z',
  query_response_hit_ids: ['sea', 'wood'],
};
const UBI_EVENT = {
  action_name: 'click',
  query_id: 'q-1',
  client_id: 'c-1',
  user_id: 'u-1',
  timestamp: '2026-01-01T00:00:01Z',
  event_attributes: { object: { object_id: 'sea' }, position: { ordinal: 1 } },
};
const ALGOLIA_EVENT = {
  eventType: 'conversion',
  eventSubtype: 'addToCart',
  eventName: 'Added',
  index: 'books',
  userToken: 'c-1',
  authenticatedUserToken: 'u-1',
  queryID: '0'.repeat(32),
  objectIDs: ['sea'],
  objectData: [{ price: '9.50', quantity: 2, queryID: '0'.repeat(32) }],
  timestamp: 1_767_225_600_000,
};
const ALGOLIA_KEYS = {
  'X-Algolia-Application-Id': 'app',
  'X-Algolia-API-Key': 'key',
  'X-Algolia-Agent': 'agent',
  'x-algolia-application-id': 'app',
  'x-algolia-api-key': 'key',
  'x-algolia-agent': 'agent',
};

/** No run has it. */
const A_RUN = '0190163d-8694-739b-aea5-966c26f8ad91';

/** Requests with every string position of every operation; a test holds them against the API's description. */
export const FULL_REQUESTS: readonly FullRequest[] = [
  { operation: 'putCollection', params: scratch, body: declared },
  ...[
    { split: { kind: 'none' }, aggregate: 'max' },
    { split: { kind: 'sentence', maxSentences: 3 } },
    { split: { kind: 'separator', separator: '---' } },
    { split: { kind: 'markdown' } },
  ].map((parts): FullRequest => ({ operation: 'putCollection', params: scratch, body: { ...declared, parts } })),
  { operation: 'getCollection', params: books },
  { operation: 'listCollections', query: { cursor: 'a', limit: 5 } },
  { operation: 'deleteCollection', params: { name: 'nothing-here' } },
  {
    operation: 'patchRanking',
    params: scratch,
    body: { lexicalWeight: 0.5, memory, exploration: { share: 0.1, depth: 20 }, profile },
  },
  { operation: 'listReleases', params: books },
  { operation: 'putItems', params: scratch, query: { wait: 'indexed', timeoutSeconds: 5 }, body: { items: [item] } },
  { operation: 'listItems', params: books, query: { cursor: 'a', limit: 5, filter: JSON.stringify(filter) } },
  { operation: 'listItems', params: books, query: { filter: '{"term": {"color": "blue"}}' } },
  { operation: 'getItem', params: { ...books, id: 'sea' } },
  { operation: 'deleteItem', params: { ...scratch, id: 'x' } },
  { operation: 'deleteItems', params: scratch, body: { ids: ['x', 'y'] } },
  { operation: 'deleteItems', params: scratch, body: { filter } },
  { operation: 'search', params: books, body: search },
  { operation: 'search', params: books, body: { query: 'sea', mode: 'lexical', highlight: true, offset: 1 } },
  { operation: 'search', params: books, body: { query: 'sea', cursor: 'a' } },
  { operation: 'search', params: books, body: { query: { fields: { title: 'sea', color: 'blue' } }, mode: 'vector' } },
  ...[
    { text: 'sea', weight: 1 },
    { image: PICTURE },
    { vector: [0.5, 0.5] },
    [{ image: PICTURE }, { vector: [0.5, 0.5] }, { fields: { title: 'sea' } }],
  ].map((query): FullRequest => ({ operation: 'search', params: books, body: { query } })),
  { operation: 'search', params: books, body: { query: { itemId: 'sea' }, sort: ['added'] } },
  { operation: 'count', params: books, body: { filter } },
  {
    operation: 'sendEvents',
    body: {
      events: [
        { eventId: 'e', searchId: 's', itemId: 'sea', type: 'click', at: '2026-01-01T00:00:00Z', value: 1, user: 'u' },
      ],
    },
  },
  { operation: 'getFeedbackSettings', params: books },
  {
    operation: 'patchFeedbackSettings',
    params: scratch,
    body: {
      eventTypes: { share: { weight: 1 } },
      acceptDays: 20,
      sessionGapMinutes: 20,
      retentionDays: 200,
      anonymity: 4,
      guards: {
        enabled: true,
        maxSearchesPerMinute: 60,
        maxClicksPerMinute: 60,
        maxClickedShare: 0.9,
        minFarmClicks: 20,
      },
    },
  },
  { operation: 'listSessions', params: books, query: { cursor: 9, limit: 5, setAside: 'true' } },
  { operation: 'getSession', params: { ...books, id: '999999' } },
  { operation: 'markSession', params: { ...books, id: '999999' }, body: { irrelevant: 'a test', cleared: true } },
  { operation: 'releaseBatch', params: scratch, body: { key: 'spring' } },
  { operation: 'listBatches', params: scratch, query: { cursor: '00000000-0000-7000-8000-000000000000', limit: 5 } },
  {
    operation: 'readBatch',
    params: { ...books, id: '00000000-0000-7000-8000-000000000000' },
    query: { cursor: 1, limit: 5 },
  },
  { operation: 'sendUbi', params: books, body: { queries: [UBI_QUERY], events: [UBI_EVENT] } },
  { operation: 'sendAlgoliaEvents', query: ALGOLIA_KEYS, body: { events: [ALGOLIA_EVENT] } },
  { operation: 'listMemory', params: books, query: { cursor: 'a', limit: 5 } },
  { operation: 'exportMemory', params: books },
  { operation: 'forgetMemory', params: books, query: { query: 'sea' } },
  { operation: 'listProfiles', params: books, query: { cursor: 'YW5uYQ', limit: 5 } },
  { operation: 'getProfile', params: { ...books, user: 'nobody' } },
  { operation: 'resetProfile', params: { ...books, user: 'nobody' } },
  {
    operation: 'putJudgments',
    params: scratch,
    query: { set: 'ratings', provenance: 'rating:anna' },
    body: {
      set: 'ratings',
      provenance: 'rating:anna',
      judgments: [{ query: 'sea', itemId: 'x', grade: 1, weight: 1 }],
    },
  },
  { operation: 'listJudgments', params: scratch, query: { set: 'ratings', query: 'sea', cursor: 'a', limit: 5 } },
  { operation: 'listJudgmentSets', params: scratch, query: { cursor: 'a', limit: 5 } },
  { operation: 'deleteJudgments', params: scratch, query: { set: 'nothing-here', query: 'sea' } },
  {
    operation: 'judgeFromClicks',
    params: scratch,
    body: {
      set: 'clicks',
      models: ['naive'],
      minimumSupport: 3,
      halfLifeDays: 30,
      from: '2026-01-01T00:00:00Z',
      to: '2026-02-01T00:00:00Z',
      batchId: '0194f3a0-0000-7000-8000-000000000000',
      anonymity: 5,
    },
  },
  {
    operation: 'getAnalytics',
    params: books,
    query: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', interval: 'hour' },
  },
  {
    operation: 'getPositionAnalytics',
    params: books,
    query: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  },
  {
    operation: 'getQueryAnalytics',
    params: books,
    query: {
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-02T00:00:00Z',
      order: 'abandonment',
      limit: 5,
      cursor: 'a',
    },
  },
  { operation: 'exportUser', params: { user: 'nobody' }, query: { cursor: 'a', limit: 5 } },
  { operation: 'eraseUser', params: { user: 'nobody' } },
  { operation: 'listErasures', query: { cursor: 'a', limit: 5 } },
  {
    operation: 'startEvaluation',
    params: books,
    body: {
      judgments: [{ query: 'sea', itemId: 'sea', grade: 1 }],
      arms: [{ name: 'now', collection: 'books', mode: 'hybrid', lexicalWeight: 0.5, memory: false, filter }],
      metrics: ['ndcg@10'],
      unjudged: 'zero',
      gain: 'linear',
      relevantFrom: 1,
      seed: 1,
    },
  },
  { operation: 'startEvaluation', params: books, body: { judgments: { set: 'ratings' }, arms: [{ name: 'now' }] } },
  {
    operation: 'startTraining',
    params: books,
    body: {
      recipe: 'query-adapter',
      source: {
        batchId: '0194f3a0-0000-7000-8000-000000000000',
        from: '2026-01-01T00:00:00Z',
        to: '2026-02-01T00:00:00Z',
      },
      sets: ['ratings'],
      control: false,
      name: 'mine',
      model: 'starter',
      seed: 1,
      steps: 2,
      batch: 2,
      learningRate: 0.001,
      rank: 4,
      patience: 3,
      checkpointEvery: 1,
      threads: 1,
      clickModels: ['naive'],
      halfLifeDays: 30,
      anonymity: 5,
      split: { by: 'query', validation: 0.1, heldOut: 0.1 },
      caps: { perQuery: 5, perClient: 50, negatives: 5 },
      hardNegatives: { perQuery: 1, queries: 10 },
      catalogue: 10,
    },
  },
  { operation: 'startTraining', params: scratch, body: { recipe: 'encoder', epochs: 1 } },
  {
    operation: 'listRuns',
    query: { collection: 'books', kind: 'evaluation', state: 'done', cursor: A_RUN, limit: 5 },
  },
  { operation: 'getRun', params: { id: A_RUN } },
  { operation: 'cancelRun', params: { id: A_RUN } },
  { operation: 'streamRun', params: { id: A_RUN } },
  { operation: 'getRunReport', params: { id: A_RUN } },
  { operation: 'listModels' },
  { operation: 'getBlob', params: { hash: 'a'.repeat(64) } },
  { operation: 'live' },
  { operation: 'ready' },
  { operation: 'metrics' },
  { operation: 'openapi' },
];

/** Headers that the server or something before it reads. */
export const HEADERS = [
  'accept',
  'authorization',
  'content-type',
  'cookie',
  'if-none-match',
  'origin',
  'referer',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
] as const;

export type Place = ReadonlyArray<string | number>;

/** Places of all leaves and all keys of a value. */
export function placesOf(value: unknown, here: Place = []): Array<{ readonly place: Place; readonly isKey: boolean }> {
  if (value === null || typeof value !== 'object') return [{ place: here, isKey: false }];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...here, Array.isArray(value) ? Number(key) : key];
    return [...(Array.isArray(value) ? [] : [{ place, isKey: true }]), ...placesOf(inner, place)];
  });
}

/** The value with a text in the place of one leaf, or of one key. */
export function withText(value: unknown, [step, ...rest]: Place, isKey: boolean, text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((inner, at) => (at === step ? withText(inner, rest, isKey, text) : inner));
  const entries = Object.entries(value as object).map(([key, inner]): [string, unknown] => {
    if (key !== step) return [key, inner];
    return isKey && rest.length === 0 ? [text, inner] : [key, withText(inner, rest, isKey, text)];
  });
  return Object.fromEntries(entries);
}
