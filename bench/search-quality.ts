/**
 * nDCG@10 over full corpora: lexical against an independent BM25, vector, and ways to fuse them.
 *   node bench/search-quality.ts [--model starter|<folder>] [--sets scifact,esci,icecat,tabler] [--database-url …]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { createStudio } from '../src/studio.ts';
import { type Dataset, loadEsci, loadIcecat, loadScifact, loadTabler, plainText } from './support/datasets.ts';
import { plainBm25 } from './support/plain-bm25.ts';
import { reciprocalRankFusion } from './support/rank-fusion.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'starter' },
    sets: { type: 'string', default: 'tabler,esci,scifact,icecat' },
    'database-url': { type: 'string' },
  },
});
const LOADERS: Record<string, () => Dataset | Promise<Dataset>> = {
  scifact: loadScifact,
  esci: loadEsci,
  icecat: loadIcecat,
  tabler: loadTabler,
};
const WEIGHTS = [0.3, 0.5, 0.6, 0.7];
const DEPTH = 100;

const studio = await createStudio({
  dataDirectory: 'memory',
  databaseUrl: options['database-url'],
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search } = studio.services;
const rows: string[][] = [];

for (const set of options.sets.split(',')) {
  const dataset = await (LOADERS[set] as () => Dataset | Promise<Dataset>)();
  const name = `bench-${set}`;
  await collections.put(name, {
    fields: dataset.fields,
    models: { text: options.model },
    ranking: { memory: { enabled: false } },
  });
  const { sequence, failed, errors } = await items.upsert(name, dataset.items.slice(0, 10_000));
  const second = dataset.items.length > 10_000 ? await items.upsert(name, dataset.items.slice(10_000)) : null;
  if (failed > 0) console.warn(`${failed} items of ${dataset.name} failed`, errors[0]);
  await items.waitIndexed(name, second?.sequence ?? sequence, 3600);

  const reference = plainBm25(dataset.items.map((item) => ({ id: item.id, text: plainText(dataset, item) })));
  const scores: Record<string, number[]> = {};
  const note = (label: string, ids: readonly string[], grades: ReadonlyMap<string, number>): void => {
    const list = scores[label] ?? [];
    list.push(ndcgAt(ids, grades, 10));
    scores[label] = list;
  };
  for (const { text, grades } of dataset.queries) {
    const ask = async (
      mode: 'hybrid' | 'vector' | 'lexical',
      limit: number,
      lexicalWeight?: number,
    ): Promise<string[]> => {
      const { hits } = await search.search(name, {
        query: [{ text }],
        mode,
        limit,
        lexicalWeight,
        record: false,
        fields: [],
      });
      return hits.map((hit) => hit.id);
    };
    note('plain BM25', reference(text, 10), grades);
    const lexical = await ask('lexical', DEPTH);
    const vector = await ask('vector', DEPTH);
    note('lexical', lexical, grades);
    note('vector', vector, grades);
    note('RRF 60', reciprocalRankFusion([lexical, vector]), grades);
    for (const weight of WEIGHTS) note(`a ${weight}`, await ask('hybrid', 10, weight), grades);
  }
  const columns = ['plain BM25', 'lexical', 'vector', 'RRF 60', ...WEIGHTS.map((weight) => `a ${weight}`)];
  if (rows.length === 0) rows.push(['', ...columns, 'hybrid − better arm [95 %]']);
  const better = mean(scores.lexical ?? []) >= mean(scores.vector ?? []) ? scores.lexical : scores.vector;
  const gain = bootstrap((scores['a 0.5'] ?? []).map((score, query) => score - (better?.[query] ?? 0)));
  const row = [
    `${dataset.name} (${dataset.queries.length})`,
    ...columns.map((column) => mean(scores[column] ?? []).toFixed(3)),
  ];
  rows.push([...row, `${gain.mean.toFixed(3)} [${gain.low.toFixed(3)}, ${gain.high.toFixed(3)}]`]);
  console.log(row.join('  '));
  await collections.delete(name);
}
await studio.close();
const [header = [], ...body] = rows;
console.log(`\nnDCG@10, model ${options.model}\n${table(header, body)}`);
