import type { ColumnType, Generated, Kysely } from 'kysely';

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
