import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  `create extension if not exists vector`,
  `create table collections (
    id integer generated always as identity primary key,
    name text not null unique,
    fields jsonb not null,
    metric text not null,
    parts jsonb not null,
    language text not null,
    ranking jsonb not null,
    models jsonb not null,
    sequence bigint not null default 0,
    live_release_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null
  )`,
  `create table indexes (
    id integer generated always as identity primary key,
    collection_id integer not null references collections (id) on delete cascade,
    kind text not null check (kind in ('vector', 'lexical')),
    model_id text,
    output text,
    space text,
    dimensions integer,
    storage text,
    applied_sequence bigint not null default 0,
    statistics jsonb not null default '{}',
    created_at timestamptz not null
  )`,
  `create index indexes_by_collection on indexes (collection_id)`,
  `create table index_failures (
    index_id integer not null references indexes (id) on delete cascade,
    item_id text not null,
    sequence bigint not null,
    stage text not null,
    code text not null,
    message text not null,
    at timestamptz not null,
    primary key (index_id, item_id)
  )`,
  `create table releases (
    id uuid primary key,
    collection_id integer not null references collections (id) on delete cascade,
    state text not null,
    index_ids integer[] not null,
    ranking jsonb not null,
    created_at timestamptz not null
  )`,
  `create index releases_by_collection on releases (collection_id)`,
  `create table searches (
    id uuid primary key,
    collection_id integer not null references collections (id) on delete cascade,
    release_id uuid not null,
    request jsonb not null,
    query_key text,
    user_id text,
    session_id text,
    item_ids text[] not null,
    scores double precision[] not null,
    propensities double precision[] not null,
    first_position integer not null default 1,
    total integer not null,
    took_ms double precision not null,
    at timestamptz not null
  )`,
  `create index searches_by_query on searches (collection_id, query_key, at desc) where query_key is not null`,
  `create index searches_by_time on searches (collection_id, at)`,
  `create table events (
    id text not null,
    collection_id integer not null references collections (id) on delete cascade,
    search_id uuid not null,
    item_id text not null,
    type text not null,
    position integer not null,
    value double precision,
    user_id text,
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (collection_id, id)
  )`,
  `create index events_by_search on events (search_id)`,
  `create index events_by_time on events (collection_id, at)`,
  `create table memory_queries (
    collection_id integer not null references collections (id) on delete cascade,
    query_key text not null,
    text text not null,
    space text,
    embedding vector,
    cells jsonb not null,
    clicks double precision not null,
    since timestamptz,
    updated_at timestamptz not null,
    primary key (collection_id, query_key)
  )`,
  `create table blobs (
    hash text primary key,
    media_type text not null,
    bytes integer not null,
    created_at timestamptz not null
  )`,
];

export const groundFloor: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
