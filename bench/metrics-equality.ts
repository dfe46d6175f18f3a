/**
 * The metrics equal trec_eval's on runs over whole catalogues, with ties (word counts as scores), scores that differ
 * beyond single precision only, unjudged items as 0 and skipped, graded relevance and both gains.
 *   python3 -m venv venv && venv/bin/pip install pytrec-eval-terrier
 *   PYTHON=venv/bin/python node bench/metrics-equality.ts [--sets scifact,esci,icecat]
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { evaluateRun, type Metric } from '../src/learning/evaluation/evaluate-run.ts';
import type { Gain, Grades } from '../src/learning/evaluation/metrics.ts';
import type { ScoredHit, Unjudged } from '../src/learning/evaluation/ranked-list.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { type Dataset, loadDataset, plainText } from './support/datasets.ts';

const { values: options } = parseArgs({ options: { sets: { type: 'string', default: 'scifact,esci,icecat' } } });
const python = process.env.PYTHON ?? 'python3';
const LIMIT = 1e-9;
const DEPTH = 1000;
/** Our name of a metric → trec_eval's, both as the request and as the key of the answer. */
const NAMES: Readonly<Partial<Record<Metric, readonly [string, string]>>> = {
  ndcg: ['ndcg', 'ndcg'],
  'ndcg@5': ['ndcg_cut.5', 'ndcg_cut_5'],
  'ndcg@10': ['ndcg_cut.10', 'ndcg_cut_10'],
  'ndcg@100': ['ndcg_cut.100', 'ndcg_cut_100'],
  mrr: ['recip_rank', 'recip_rank'],
  map: ['map', 'map'],
  'map@10': ['map_cut.10', 'map_cut_10'],
  'recall@10': ['recall.10', 'recall_10'],
  'recall@100': ['recall.100', 'recall_100'],
  'precision@1': ['P.1', 'P_1'],
  'precision@10': ['P.10', 'P_10'],
  'hit-rate@1': ['success.1', 'success_1'],
  'hit-rate@10': ['success.10', 'success_10'],
};
const METRICS = Object.keys(NAMES) as Metric[];

try {
  execFileSync(python, ['-c', 'import pytrec_eval'], { stdio: 'ignore' });
} catch {
  console.log('skipped: no PYTHON with pytrec-eval-terrier');
  process.exit(0);
}
if (sharedFolder() === null) {
  console.log('skipped: no ../shared with SciFact, ESCI and Icecat');
  process.exit(0);
}

type Run = ReadonlyMap<string, readonly ScoredHit[]>;
type Judgments = ReadonlyMap<string, Grades>;
interface Case {
  readonly label: string;
  readonly run: Run;
  readonly judgments: Judgments;
  readonly gain: Gain;
  readonly unjudged: Unjudged;
  readonly relevantFrom: number;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Scores are counts of shared words: most neighbours in such a list are tied. `spread` tells some ties apart. */
function wordCountRun(dataset: Dataset, spread: number): Run {
  const items = dataset.items.map((item) => ({ id: item.id, words: new Set(wordsOf(plainText(dataset, item))) }));
  return new Map(
    dataset.queries.map(({ id, text }) => {
      const words = [...new Set(wordsOf(text))];
      const hits = items.flatMap((item, index) => {
        const shared = words.filter((word) => item.words.has(word)).length;
        return shared === 0 ? [] : [{ id: item.id, score: shared + spread * index }];
      });
      return [id, hits.sort((left, right) => right.score - left.score).slice(0, DEPTH)];
    }),
  );
}

const cases: Case[] = [];
for (const name of options.sets.split(',')) {
  const dataset = await loadDataset(name);
  // trec_eval's grades are whole numbers; nDCG with linear gains is the same for any multiple.
  const scale = name === 'esci' ? 100 : 1;
  const judgments = new Map(
    dataset.queries.map(({ id, grades }) => [
      id,
      new Map([...grades].map(([item, grade]) => [item, Math.round(grade * scale)])),
    ]),
  );
  const top = Math.max(...[...judgments.values()].flatMap((grades) => [...grades.values()]));
  for (const [kind, spread] of [
    ['ties', 0],
    ['ties in single precision', 1e-11],
    ['no ties', 1e-5],
  ] as const) {
    const run = wordCountRun(dataset, spread);
    for (const unjudged of ['zero', 'skipped'] as const) {
      const shared = { run, judgments, unjudged };
      cases.push({ label: `${dataset.name}, ${kind}`, gain: 'linear', relevantFrom: 1, ...shared });
      if (top > 1) cases.push({ label: `${dataset.name}, ${kind}`, gain: 'linear', relevantFrom: top, ...shared });
      if (top > 1 && scale === 1)
        cases.push({ label: `${dataset.name}, ${kind}`, gain: 'exponential', relevantFrom: 1, ...shared });
    }
  }
}

const temporary = await mkdtemp(join(tmpdir(), 'metrics-'));
const nested = <Value, Result>(outer: ReadonlyMap<string, Value>, inner: (value: Value) => Result) =>
  Object.fromEntries([...outer].map(([key, value]) => [key, inner(value)]));
await writeFile(
  join(temporary, 'cases.json'),
  JSON.stringify(
    cases.map(({ run, judgments, gain, unjudged, relevantFrom }) => ({
      // trec_eval knows linear gains alone: it is given the gains as grades.
      qrels: nested(judgments, (grades) =>
        Object.fromEntries([...grades].map(([item, grade]) => [item, gain === 'linear' ? grade : 2 ** grade - 1])),
      ),
      run: nested(run, (hits) => Object.fromEntries(hits.map(({ id, score }) => [id, score]))),
      measures: METRICS.map((metric) => NAMES[metric]![0]),
      relevantFrom,
      judgedOnly: unjudged === 'skipped',
    })),
  ),
);
const peer = fileURLToPath(new URL('./peers/trec_eval.py', import.meta.url));
execFileSync(python, [peer, join(temporary, 'cases.json'), join(temporary, 'values.json')], { stdio: 'inherit' });
const reference = JSON.parse(await readFile(join(temporary, 'values.json'), 'utf8')) as Array<
  Record<string, Record<string, number>>
>;
await rm(temporary, { recursive: true, force: true });

const rows = cases.map(({ label, run, judgments, gain, unjudged, relevantFrom }, index) => {
  const { byQuery } = evaluateRun(run, judgments, {
    metrics: METRICS,
    order: 'trec-eval',
    unjudged,
    gain,
    relevantFrom,
    unanswered: 'left-out',
  });
  let compared = 0;
  let largest = 0;
  for (const [query, values] of byQuery) {
    for (const metric of METRICS) {
      const expected = reference[index]?.[query]?.[NAMES[metric]![1]];
      if (expected === undefined) throw new Error(`trec_eval has no ${metric} for "${query}"`);
      largest = Math.max(largest, Math.abs(expected - values[metric]!));
      compared++;
    }
  }
  const hits = [...run.values()].flatMap((list) => list.map(({ score }, at) => [score, list[at + 1]?.score] as const));
  const tied = hits.filter(([score, next]) => next !== undefined && Math.fround(score) === Math.fround(next)).length;
  const judged = [...run].flatMap(([query, list]) => list.map(({ id }) => judgments.get(query)?.has(id) ?? false));
  return [
    label,
    `${gain}, unjudged ${unjudged}, relevant from ${relevantFrom}`,
    `${Math.round((100 * tied) / hits.length)} %`,
    `${((100 * judged.filter((known) => !known).length) / judged.length).toFixed(1)} %`,
    String(compared),
    largest.toExponential(1),
    largest <= LIMIT ? 'yes' : 'NO',
  ];
});
console.log(
  table(['run', 'judged how', 'tied with the next', 'unjudged', 'values', 'largest difference', 'equal'], rows),
);
