import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LexicalOption } from './lexical-options.ts';

interface Database {
  exec(statements: string): Promise<unknown>;
  query<Row>(statement: string, parameters?: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  close(): Promise<void>;
}

/** pg_textsearch, a BM25 index as an extension, in an embedded database of its own; `folder` has its packages. */
export async function openTextsearch(folder: string): Promise<LexicalOption> {
  const require = createRequire(pathToFileURL(join(folder, 'package.json')));
  const load = async (name: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(require.resolve(name)).href)) as Record<string, unknown>;
  const { PGlite } = (await load('@electric-sql/pglite')) as {
    PGlite: new (options: { extensions: Record<string, unknown> }) => Database;
  };
  const { pg_textsearch } = await load('@electric-sql/pglite-pg_textsearch');
  const database = new PGlite({ extensions: { pg_textsearch } });
  return {
    name: 'pg_textsearch',
    async build(documents) {
      await database.exec('create extension pg_textsearch; create table d (key integer primary key, content text)');
      for (let at = 0; at < documents.length; at += 500) {
        await database.query(
          'insert into d select key, text from jsonb_to_recordset($1::jsonb) as r (key integer, text text)',
          [JSON.stringify(documents.slice(at, at + 500))],
        );
      }
      await database.exec("create index d_words on d using bm25 (content) with (text_config = 'english')");
    },
    async search(text, limit) {
      const { rows } = await database.query<{ key: number }>(
        "select key from d order by content <@> to_bm25query($1, 'd_words') limit $2",
        [text, limit],
      );
      return rows.map((row) => row.key);
    },
    async megabytes() {
      const { rows } = await database.query<{ bytes: number }>("select pg_relation_size('d_words')::float8 as bytes");
      return (rows[0]?.bytes ?? 0) / 1e6;
    },
    drop: () => database.close(),
  };
}
