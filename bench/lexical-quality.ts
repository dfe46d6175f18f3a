/**
 * nDCG@10 of the lexical index over full corpora, beside an independent BM25 in memory.
 *   node bench/lexical-quality.ts [--sets scifact,esci,icecat,tabler] [--database-url …]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { openDatabase } from '../src/foundation/database/open-database.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { openLexical } from '../test/support/lexical.ts';
import { loadDataset, plainText } from './support/datasets.ts';
import { plainBm25 } from './support/plain-bm25.ts';

const { values: options } = parseArgs({
  options: { sets: { type: 'string', default: 'scifact,esci,icecat,tabler' }, 'database-url': { type: 'string' } },
});
/** As stated with the data sets. */
const STATED: Record<string, number> = { scifact: 0.6853, esci: 0.6437, icecat: 0.673, tabler: 0.278 };
const BATCH = 256;

const url = options['database-url'];
const { db, close } = await openDatabase(url === undefined ? { dataDirectory: 'memory' } : { databaseUrl: url });
const rows: string[][] = [];
for (const set of options.sets.split(',')) {
  const dataset = await loadDataset(set);
  const bench = await openLexical(db, { fields: dataset.fields });
  for (let at = 0; at < dataset.items.length; at += BATCH) {
    const batch = dataset.items.slice(at, at + BATCH).map((item, place) => [at + place + 1, item] as const);
    await bench.apply(await bench.writeItems(new Map(batch)));
  }
  const reference = plainBm25(dataset.items.map((item) => ({ id: item.id, text: plainText(dataset, item) })));
  const scores: { own: number[]; plain: number[] } = { own: [], plain: [] };
  for (const { text, grades } of dataset.queries) {
    const { hits } = await bench.index.search({ text, limit: 10 });
    const ids = hits.map((hit) => dataset.items[hit.key - 1]?.id ?? '');
    scores.own.push(ndcgAt(ids, grades, 10));
    scores.plain.push(ndcgAt(reference(text, 10), grades, 10));
  }
  rows.push([
    `${dataset.name} (${dataset.queries.length})`,
    ...[mean(scores.own), mean(scores.plain), STATED[set] ?? Number.NaN].map((score) => score.toFixed(4)),
  ]);
  await bench.drop();
}
await close();
console.log(table(['nDCG@10', 'lexical index', 'independent BM25', 'stated BM25'], rows));
