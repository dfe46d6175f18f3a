import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  // Whoever searched: the named user, else the client's session, else nobody in particular, which is this one search.
  `alter table searches add column client text not null
    generated always as (coalesce('user ' || user_id, 'session ' || session_id, 'search ' || id::text)) stored`,
  `alter table searches add column visit bigint`,
  `create index searches_by_client on searches (collection_id, client, at)`,
  `create index searches_by_visit on searches (visit)`,
  `create index searches_without_visit on searches (collection_id, at) where visit is null`,
  `create index searches_by_user on searches (user_id) where user_id is not null`,
  `create index events_by_user on events (user_id) where user_id is not null`,
  `create table sessions (
    id bigint generated always as identity primary key,
    collection_id integer not null references collections (id) on delete cascade,
    client text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    searches integer not null,
    cleared boolean not null default false,
    set_aside jsonb,
    irrelevant text,
    batch_id uuid
  )`,
  `create index sessions_by_client on sessions (collection_id, client, ended_at desc)`,
  `create index sessions_not_released on sessions (collection_id, id) where batch_id is null`,
  `create index sessions_by_batch on sessions (batch_id, id) where batch_id is not null`,
  `create table feedback_batches (
    id uuid primary key,
    collection_id integer not null references collections (id) on delete cascade,
    key text not null,
    sessions integer not null,
    searches integer not null,
    events integer not null,
    released_at timestamptz not null,
    unique (collection_id, key)
  )`,
  `create table feedback_settings (
    collection_id integer primary key references collections (id) on delete cascade,
    settings jsonb not null
  )`,
  `create table memory_due (
    collection_id integer not null references collections (id) on delete cascade,
    query_key text not null,
    primary key (collection_id, query_key)
  )`,
  // What says how far the clicks of a query are from chance (click-spread.ts); 0 and 0 say nothing.
  `alter table memory_queries add column excess double precision not null default 0,
    add column mass double precision not null default 0`,
  `create table guard_due (
    collection_id integer not null references collections (id) on delete cascade,
    client text not null,
    primary key (collection_id, client)
  )`,
  `create table profiles (
    collection_id integer not null references collections (id) on delete cascade,
    user_id text not null,
    due boolean not null default true,
    index_id integer,
    embedding vector,
    evidence double precision not null default 0,
    items jsonb not null default '[]',
    since timestamptz,
    updated_at timestamptz not null,
    primary key (collection_id, user_id)
  )`,
  `create index profiles_by_user on profiles (user_id)`,
  `create table judgments (
    collection_id integer not null references collections (id) on delete cascade,
    set_name text not null,
    query_key text not null,
    query text not null,
    item_id text not null,
    grade double precision not null,
    weight double precision not null,
    deviation double precision,
    support double precision,
    provenance text not null,
    at timestamptz not null,
    primary key (collection_id, set_name, query_key, item_id)
  )`,
  `create table erasures (
    id uuid primary key,
    receipt jsonb not null,
    at timestamptz not null
  )`,
  `create table runs (
    id uuid primary key,
    kind text not null,
    collection_id integer references collections (id) on delete cascade,
    state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    input jsonb not null,
    progress jsonb,
    result jsonb,
    error jsonb,
    cancel_requested boolean not null default false,
    attempts integer not null default 0,
    worker text,
    lease_until timestamptz,
    created_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz
  )`,
  `create index runs_to_do on runs (created_at) where state in ('queued', 'running')`,
  `create index runs_by_collection on runs (collection_id, created_at desc)`,
];

/** Sessions and their batches, judgments, runs, and what each collection wants of its feedback. */
export const feedback: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
