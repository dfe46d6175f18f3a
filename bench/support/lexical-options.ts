import { type RawBuilder, sql } from 'kysely';
import { createAnalyzer } from '../../src/foundation/core/text/analyzer.ts';
import type { Db } from '../../src/foundation/database/tables.ts';
import { B, countTerms, idf, K1 } from '../../src/serving/indexes/lexical/bm25.ts';

export interface PlainDocument {
  readonly key: number;
  readonly text: string;
}

/** A way to search by word inside the database. */
export interface LexicalOption {
  readonly name: string;
  build(documents: readonly PlainDocument[]): Promise<void>;
  /** Keys, best first. */
  search(text: string, limit: number): Promise<number[]>;
  megabytes(): Promise<number>;
  drop(): Promise<void>;
}

const { analyze, indexTerms } = createAnalyzer('english');
const BATCH = 500;

async function inBatches<Row>(rows: readonly Row[], write: (json: string) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += BATCH) await write(JSON.stringify(rows.slice(at, at + BATCH)));
}

const keysOf = (rows: ReadonlyArray<{ readonly key: number }>): number[] => rows.map((row) => row.key);

function onTable(db: Db, table: RawBuilder<unknown>, name: string): Pick<LexicalOption, 'megabytes' | 'drop'> {
  return {
    async megabytes() {
      const { rows } = await sql<{
        bytes: number;
      }>`select pg_total_relation_size(${name}::regclass)::float8 as bytes`.execute(db);
      return (rows[0]?.bytes ?? 0) / 1e6;
    },
    async drop() {
      await sql`drop table if exists ${table}`.execute(db);
    },
  };
}

/** What every PostgreSQL has: stemmed words under a GIN index, ranked by ts_rank with its logarithm of the length. */
export function tsvectorOption(db: Db): LexicalOption {
  const table = sql.table('option_tsvector');
  return {
    name: 'tsvector, GIN, ts_rank',
    ...onTable(db, table, 'option_tsvector'),
    async build(documents) {
      await sql`create table ${table} (key integer primary key, words tsvector not null)`.execute(db);
      await inBatches(documents, (json) =>
        sql`insert into ${table} select key, to_tsvector('english', text)
          from jsonb_to_recordset(${json}::jsonb) as r (key integer, text text)`.execute(db),
      );
      await sql`create index on ${table} using gin (words)`.execute(db);
      await sql`analyze ${table}`.execute(db);
    },
    async search(text, limit) {
      const { rows } = await sql<{ key: number }>`
        with q as (select string_agg(quote_literal(word), ' | ')::tsquery as query
          from unnest(tsvector_to_array(to_tsvector('english', ${text}))) as w (word))
        select key from ${table}, q where words @@ query order by ts_rank(words, query, 1) desc, key limit ${limit}`.execute(
        db,
      );
      return keysOf(rows);
    },
  };
}

/** A row for each term of each item, BM25 as SQL. */
export function rowsOption(db: Db): LexicalOption {
  const table = sql.table('option_rows');
  let documents = 0;
  let average = 1;
  return {
    name: 'a row per term and item, BM25 in SQL',
    ...onTable(db, table, 'option_rows'),
    async build(all) {
      await sql`create table ${table} (term text collate "C", key integer, frequency real not null, length real not null,
        primary key (term, key))`.execute(db);
      let lengths = 0;
      for (let at = 0; at < all.length; at += BATCH) {
        const rows = all.slice(at, at + BATCH).flatMap(({ key, text }) => {
          const { frequencies, length } = countTerms([{ weight: 1, text }], indexTerms);
          lengths += length;
          return [...frequencies].map(([term, frequency]) => ({ term, key, frequency, length }));
        });
        await sql`insert into ${table} select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r (term text, key integer, frequency real, length real)`.execute(db);
      }
      documents = all.length;
      average = lengths / all.length;
      await sql`analyze ${table}`.execute(db);
    },
    async search(text, limit) {
      const { rows } = await sql<{ key: number }>`
        with q as (select term, count(*)::float8 as times from unnest(${analyze(text)}::text[]) as w (term) group by term),
        d as (select q.term, q.times * ln(1 + (${documents}::float8 - count(*) + 0.5) / (count(*) + 0.5)) as weight
          from q join ${table} p on p.term = q.term collate "C" group by q.term, q.times)
        select p.key from d join ${table} p on p.term = d.term collate "C" group by p.key
        order by sum(d.weight * p.frequency / (p.frequency + ${K1}::float8 * (${1 - B}::float8 + ${B}::float8 * p.length / ${average}::float8))) desc, p.key
        limit ${limit}`.execute(db);
      return keysOf(rows);
    },
  };
}

/** pgvector's sparse vectors: an item's saturated frequencies, the query's idf, and their inner product over all items. */
export function sparseOption(db: Db): LexicalOption {
  const table = sql.table('option_sparse');
  const places = new Map<string, number>();
  const itemsWithTerm = new Map<string, number>();
  let documents = 0;
  let dimensions = 0;
  const toText = (entries: ReadonlyArray<readonly [string, number]>): string =>
    `{${entries.map(([term, value]) => `${places.get(term)}:${value}`).join(',')}}/${dimensions}`;
  return {
    name: 'sparse vectors, inner product',
    ...onTable(db, table, 'option_sparse'),
    async build(all) {
      const counted = all.map(({ key, text }) => ({ key, counts: countTerms([{ weight: 1, text }], indexTerms) }));
      documents = all.length;
      const average = counted.reduce((sum, { counts }) => sum + counts.length, 0) / documents;
      for (const { counts } of counted) {
        for (const term of counts.frequencies.keys()) {
          if (!places.has(term)) places.set(term, places.size + 1);
          itemsWithTerm.set(term, (itemsWithTerm.get(term) ?? 0) + 1);
        }
      }
      dimensions = places.size;
      await sql`create table ${table} (key integer primary key, words sparsevec not null)`.execute(db);
      const rows = counted.map(({ key, counts }) => ({
        key,
        words: toText(
          [...counts.frequencies].map(([term, frequency]) => [
            term,
            frequency / (frequency + K1 * (1 - B + (B * counts.length) / average)),
          ]),
        ),
      }));
      await inBatches(rows, (json) =>
        sql`insert into ${table} select key, words::sparsevec from jsonb_to_recordset(${json}::jsonb)
          as r (key integer, words text)`.execute(db),
      );
    },
    async search(text, limit) {
      const weights = new Map<string, number>();
      for (const term of analyze(text)) {
        const items = itemsWithTerm.get(term);
        if (items !== undefined) weights.set(term, (weights.get(term) ?? 0) + idf(documents, items));
      }
      if (weights.size === 0) return [];
      const { rows } = await sql<{ key: number }>`
        select key from ${table} order by words <#> ${toText([...weights])}::sparsevec, key limit ${limit}`.execute(db);
      return keysOf(rows);
    },
  };
}
