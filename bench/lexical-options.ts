/**
 * Ways to search by word inside the database, beside the one that was chosen: quality, latency, size, time to build.
 *   node bench/lexical-options.ts [--sets scifact,esci,icecat] [--database-url …]
 *
 * pg_textsearch is no dependency. To have it in the embedded database's table:
 *   npm install --prefix /tmp/peers @electric-sql/pglite@0.5.14 @electric-sql/pglite-pg_textsearch@0.0.16
 *   PG_TEXTSEARCH=/tmp/peers node bench/lexical-options.ts
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { openDatabase } from '../src/foundation/database/open-database.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { type Dataset, loadDataset, plainText } from './support/datasets.ts';
import {
  type LexicalOption,
  type PlainDocument,
  rowsOption,
  sparseOption,
  tsvectorOption,
} from './support/lexical-options.ts';
import { ownOption } from './support/own-lexical-option.ts';
import { openTextsearch } from './support/textsearch-option.ts';

const { values: options } = parseArgs({
  options: { sets: { type: 'string', default: 'scifact,esci,icecat' }, 'database-url': { type: 'string' } },
});
const LIMIT = 200;
const ROUNDS = 2;

const url = options['database-url'];
const { db, engine, close } = await openDatabase(url === undefined ? {} : { databaseUrl: url });
const peers = process.env.PG_TEXTSEARCH;
if (peers === undefined) console.log('skipped: pg_textsearch (see the head of this file)');
const rows: string[][] = [];
for (const set of options.sets.split(',')) {
  const dataset = await loadDataset(set);
  const documents = dataset.items.map((item, place) => ({ key: place + 1, text: plainText(dataset, item) }));
  const found = [ownOption(db), rowsOption(db), sparseOption(db), tsvectorOption(db)];
  if (peers !== undefined && engine.kind === 'pglite') found.push(await openTextsearch(peers));
  for (const option of found) {
    rows.push(await measure(option, dataset, documents));
    await option.drop();
  }
}
await close();
console.log(
  `${engine.kind}, ${LIMIT} best\n${table(['', 'set', 'nDCG@10', 'p50 / p99 ms', 'items/s built', 'MB'], rows)}`,
);

async function measure(
  option: LexicalOption,
  dataset: Dataset,
  documents: readonly PlainDocument[],
): Promise<string[]> {
  const started = performance.now();
  await option.build(documents);
  const seconds = (performance.now() - started) / 1000;
  const scores: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { text, grades } of dataset.queries) {
      const asked = performance.now();
      const keys = await option.search(text, LIMIT);
      times.push(performance.now() - asked);
      if (round > 0) continue;
      const ids = keys.slice(0, 10).map((key) => dataset.items[key - 1]!.id);
      scores.push(ndcgAt(ids, grades, 10));
    }
  }
  const sorted = times.sort((left, right) => left - right);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  return [
    option.name,
    dataset.name,
    mean(scores).toFixed(3),
    `${at(0.5)} / ${at(0.99)}`,
    String(Math.round(documents.length / seconds)),
    (await option.megabytes()).toFixed(0),
  ];
}
