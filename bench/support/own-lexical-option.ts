import { sql } from 'kysely';
import type { Db } from '../../src/foundation/database/tables.ts';
import { type LexicalBench, openLexical } from '../../test/support/lexical.ts';
import type { LexicalOption } from './lexical-options.ts';

const BATCH = 256;

/** The product's index, as one of the options. */
export function ownOption(db: Db): LexicalOption {
  let bench: LexicalBench;
  return {
    name: 'packed postings, BM25 in the process',
    async build(documents) {
      bench = await openLexical(db, { fields: { text: { type: 'text', lexical: true } } });
      for (let at = 0; at < documents.length; at += BATCH) {
        const batch = documents.slice(at, at + BATCH).map(({ key, text }) => [key, { text }] as const);
        await bench.apply(await bench.writeItems(new Map(batch)));
      }
    },
    async search(text, limit) {
      const { hits } = await bench.index.search({ text, limit });
      return hits.map((hit) => hit.key);
    },
    async megabytes() {
      const names = ['postings', 'blocks', 'documents'].map((name) => `${name}_${bench.indexId}`);
      const { rows } = await sql<{ bytes: number }>`
        select sum(pg_total_relation_size(name::regclass))::float8 as bytes from unnest(${names}::text[]) as n (name)`.execute(
        db,
      );
      return (rows[0]?.bytes ?? 0) / 1e6;
    },
    drop: () => bench.drop(),
  };
}
