/**
 * nDCG@10 over full corpora: lexical against an independent BM25, vector, and ways to fuse them.
 *   node bench/search-quality.ts [--model starter|../shared/models/minilm] [--sets tabler,esci,scifact,icecat] [--database-url …]
 *                               [--max-tokens 192, in the place of what the model's card says]
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gain, level, table } from '../demo/table.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { DEFAULT_RANKING } from '../src/serving/collections/defaults.ts';
import { createStudio } from '../src/studio.ts';
import { type Dataset, loadDataset, plainText } from './support/datasets.ts';
import { plainBm25 } from './support/plain-bm25.ts';
import { reciprocalRankFusion } from './support/rank-fusion.ts';
import { withMaxTokens } from './support/shortened-model.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'starter' },
    'max-tokens': { type: 'string' },
    sets: { type: 'string', default: 'tabler,esci,scifact,icecat' },
    'database-url': { type: 'string' },
  },
});
const WEIGHTS = [0.3, 0.5, 0.6, 0.7, 0.8];
const DEPTH = 100;
const BATCH = 1000;

const weightLabel = (weight: number): string => `a ${String(weight).replace('0.', '.')}`;
const DEFAULT = weightLabel(DEFAULT_RANKING.lexicalWeight);
const RANK_FUSION = 'RRF 60';
const COLUMNS = ['plain BM25', 'lexical', 'vector', RANK_FUSION, ...WEIGHTS.map(weightLabel)];

const maxTokens = options['max-tokens'];
const model = maxTokens === undefined ? options.model : await withMaxTokens(options.model, Number(maxTokens));
const studio = await createStudio({
  dataDirectory: 'memory',
  databaseUrl: options['database-url'],
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search } = studio.services;
const means: string[][] = [];
const intervals: string[][] = [];

for (const set of options.sets.split(',')) {
  const dataset = await loadDataset(set);
  const name = `bench-${set}`;
  await index(name, dataset);
  const scores = await judge(name, dataset);
  await collections.delete(name);

  const row = [
    `${dataset.name} (${dataset.queries.length})`,
    ...COLUMNS.map((column) => mean(scores.get(column) ?? []).toFixed(3)),
  ];
  means.push(row);
  console.log(row.join('  '));
  const of = (label: string): readonly number[] => scores.get(label) ?? [];
  const better = mean(of('lexical')) >= mean(of('vector')) ? 'lexical' : 'vector';
  const change = (from: string): string =>
    gain(bootstrap(of(DEFAULT).map((score, query) => score - (of(from)[query] as number))));
  intervals.push([
    dataset.name,
    ...['lexical', 'vector', DEFAULT].map((label) => level(bootstrap(of(label)))),
    `${change(better)} (${better})`,
    change(RANK_FUSION),
  ]);
}
await studio.close();
if (maxTokens !== undefined) await rm(model, { recursive: true });
console.log(
  `\nnDCG@10, model ${options.model}${maxTokens === undefined ? '' : `, ${maxTokens} tokens`}, default ${DEFAULT}\n${table(['', ...COLUMNS], means)}`,
);
console.log(
  `\n[95 %], paired for differences\n${table(
    ['', 'lexical', 'vector', `hybrid ${DEFAULT}`, 'hybrid − better arm', `hybrid − ${RANK_FUSION}`],
    intervals,
  )}`,
);

async function index(name: string, dataset: Dataset): Promise<void> {
  await collections.put(name, {
    fields: dataset.fields,
    models: { text: model },
    ranking: { memory: { enabled: false } },
  });
  let last = 0;
  for (let at = 0; at < dataset.items.length; at += BATCH) {
    const { sequence, failed, errors } = await items.upsert(name, dataset.items.slice(at, at + BATCH));
    if (failed > 0) console.warn(`${failed} items of ${dataset.name} failed`, errors[0]);
    last = sequence;
  }
  await items.waitIndexed(name, last, 3600);
}

/** nDCG@10 by ranking, one value a query. */
async function judge(name: string, dataset: Dataset): Promise<ReadonlyMap<string, readonly number[]>> {
  const reference = plainBm25(dataset.items.map((item) => ({ id: item.id, text: plainText(dataset, item) })));
  const scores = new Map<string, number[]>(COLUMNS.map((column) => [column, []]));
  for (const { text, grades } of dataset.queries) {
    const note = (label: string, ids: readonly string[]): void => {
      scores.get(label)?.push(ndcgAt(ids, grades, 10));
    };
    const ask = async (mode: 'hybrid' | 'vector' | 'lexical', limit: number, weight?: number): Promise<string[]> => {
      const asked = { query: [{ text }], mode, limit, lexicalWeight: weight, record: false, fields: [] };
      const { hits } = await search.search(name, asked);
      return hits.map((hit) => hit.id);
    };
    note('plain BM25', reference(text, 10));
    const lexical = await ask('lexical', DEPTH);
    const vector = await ask('vector', DEPTH);
    note('lexical', lexical);
    note('vector', vector);
    note(RANK_FUSION, reciprocalRankFusion([lexical, vector]));
    for (const weight of WEIGHTS) note(weightLabel(weight), await ask('hybrid', 10, weight));
  }
  return scores;
}
