import type { ColumnType, Generated, GeneratedAlways, Kysely } from 'kysely';

/** A jsonb column: read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;
type Timestamp = ColumnType<Date, Date, Date>;

/**
 * The fixed tables. Each collection and each index also has tables of its own, which migrations do not know:
 * `items_<collection id>`, `vectors_<index id>`, and `postings_`, `blocks_` and `documents_<index id>` of a lexical index.
 * Dumps know them by name (dump/own-tables.ts).
 */
export interface Tables {
  collections: {
    id: Generated<number>;
    name: string;
    fields: Json<Record<string, unknown>>;
    metric: string;
    parts: Json<Record<string, unknown>>;
    language: string;
    ranking: Json<Record<string, unknown>>;
    models: Json<Record<string, string>>;
    sequence: Generated<number>;
    live_release_id: string | null;
    created_at: Timestamp;
    updated_at: Timestamp;
  };
  indexes: {
    id: Generated<number>;
    collection_id: number;
    kind: 'vector' | 'lexical';
    model_id: string | null;
    output: string | null;
    space: string | null;
    dimensions: number | null;
    storage: 'vector' | 'halfvec' | null;
    applied_sequence: Generated<number>;
    /** What the index keeps about itself: centroid, average length, failed items. */
    statistics: Json<Record<string, unknown>>;
    created_at: Timestamp;
  };
  index_failures: {
    index_id: number;
    item_id: string;
    sequence: number;
    stage: string;
    code: string;
    message: string;
    at: Timestamp;
  };
  releases: {
    id: string;
    collection_id: number;
    state: string;
    index_ids: number[];
    ranking: Json<Record<string, unknown>>;
    created_at: Timestamp;
  };
  searches: {
    id: string;
    collection_id: number;
    release_id: string;
    request: Json<Record<string, unknown>>;
    /** Normalised query text, by which repetitions of a query are found; null when the query has no text. */
    query_key: string | null;
    user_id: string | null;
    session_id: string | null;
    /** Hits in the order shown; later pages of the same search are appended. */
    item_ids: string[];
    scores: number[];
    propensities: number[];
    /** Position of the first hit, 1 on the first page. */
    first_position: number;
    total: number;
    took_ms: number;
    at: Timestamp;
    /** Whoever searched: `user …`, `session …`, or `search …`, which is this search alone. */
    client: GeneratedAlways<string>;
    /** The session it belongs to; null until sessions were brought up to date. */
    visit: ColumnType<number | null, never, number | null>;
  };
  events: {
    id: string;
    collection_id: number;
    search_id: string;
    item_id: string;
    type: string;
    position: number;
    value: number | null;
    user_id: string | null;
    at: Timestamp;
    received_at: Timestamp;
  };
  /** Searches of one client without a long pause. */
  sessions: {
    id: GeneratedAlways<number>;
    collection_id: number;
    client: string;
    started_at: Timestamp;
    ended_at: Timestamp;
    searches: number;
    /** A person has said that it counts, whatever the guards say. */
    cleared: Generated<boolean>;
    /** Why the guards have set it aside: a list of {code, message}; null when it counts. */
    set_aside: Json<ReadonlyArray<{ readonly code: string; readonly message: string }>> | null;
    /** Why a person has taken it out; null when it counts. */
    irrelevant: string | null;
    /** The batch that it was released in. */
    batch_id: string | null;
  };
  feedback_batches: {
    id: string;
    collection_id: number;
    /** The caller's own name of the release: the same key again is the same batch. */
    key: string;
    sessions: number;
    searches: number;
    events: number;
    released_at: Timestamp;
  };
  feedback_settings: {
    collection_id: number;
    settings: Json<Record<string, unknown>>;
  };
  /** Queries with events that feedback memory has not learned from yet. */
  memory_due: {
    collection_id: number;
    query_key: string;
  };
  /** Clients with events that the guards have not seen yet. */
  guard_due: {
    collection_id: number;
    client: string;
  };
  /** What a user's own actions say of his taste. */
  profiles: {
    collection_id: number;
    user_id: string;
    /** Something has changed since it was computed: it is computed again before it is used. */
    due: Generated<boolean>;
    /** Index whose item vectors it was computed from; null when it was not. */
    index_id: number | null;
    /** Of length 1, as pgvector text; null without evidence. */
    embedding: string | null;
    /** Sum of the weights behind it, decayed to `updated_at`. */
    evidence: Generated<number>;
    /** The items with most weight: a list of {itemId, weight}. */
    items: Json<ReadonlyArray<{ readonly itemId: string; readonly weight: number }>>;
    /** Reset then: what was done before does not count any more. */
    since: Timestamp | null;
    updated_at: Timestamp;
  };
  judgments: {
    collection_id: number;
    set_name: string;
    query_key: string;
    query: string;
    item_id: string;
    grade: number;
    weight: number;
    /** Standard deviation and looks behind a grade that clicks gave. */
    deviation: number | null;
    support: number | null;
    /** `rating:<who>`, `import:<what>` or `clicks:<model>`. */
    provenance: string;
    at: Timestamp;
  };
  erasures: {
    id: string;
    receipt: Json<Record<string, unknown>>;
    at: Timestamp;
  };
  runs: {
    id: string;
    kind: string;
    collection_id: number | null;
    state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
    input: Json<Record<string, unknown>>;
    progress: Json<Record<string, unknown>> | null;
    result: Json<Record<string, unknown>> | null;
    error: Json<Record<string, unknown>> | null;
    cancel_requested: Generated<boolean>;
    attempts: Generated<number>;
    worker: string | null;
    lease_until: Timestamp | null;
    created_at: Timestamp;
    started_at: Timestamp | null;
    ended_at: Timestamp | null;
  };
  memory_queries: {
    collection_id: number;
    query_key: string;
    text: string;
    space: string | null;
    /** The query's vector as pgvector text; read by cosine against the new query. */
    embedding: string | null;
    /** One entry per remembered item: clicks and expected clicks, decayed to `updated_at`. */
    cells: Json<Record<string, unknown>>;
    clicks: number;
    /** How far the clicks are from chance, and the weight of that: see click-spread.ts. */
    excess: Generated<number>;
    mass: Generated<number>;
    /** Forgotten then: what was shown and clicked before does not count any more. */
    since: Timestamp | null;
    updated_at: Timestamp;
  };
  blobs: {
    hash: string;
    media_type: string;
    bytes: number;
    created_at: Timestamp;
  };
}

export type Db = Kysely<Tables>;
