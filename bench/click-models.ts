/**
 * What click models recover from simulated logs: the chance that a position is looked at, and the order of the items of a query (Spearman
 * with true attraction over items shown three times or more, mean over queries), under their own assumptions and against them.
 *   node bench/click-models.ts [--sessions 50] [--noise 0,0.1,0.3] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { mean } from '../src/learning/evaluation/metrics.ts';
import { type Behaviour, EXAMINATION } from '../src/learning/evaluation/simulator/behaviour.ts';
import { chooseClickModel, clickModels } from '../src/learning/judgments/click-models/choose-click-model.ts';
import { allPairs, tabulate } from '../src/learning/judgments/click-models/pair-table.ts';
import { positionEffects } from '../src/learning/judgments/click-models/position-effects.ts';
import { positionsByEm } from '../src/learning/judgments/click-models/position-em.ts';
import { ScanModel } from '../src/learning/judgments/click-models/scan-model.ts';
import { spearman } from './support/rank-correlation.ts';
import { benchQueries, madeQueries, type SimulatedQuery, simulateLog } from './support/simulated-logs.ts';

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '50' },
    noise: { type: 'string', default: '0,0.1,0.3' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(options.seed);
const positionBased: Behaviour = { kind: 'position-based', eta: 1 };

// Ratios alone are known from clicks; errors are given on the scale of the truth, whose first position is .68.
const truth = EXAMINATION.map((chance) => chance / EXAMINATION[0]);
const propensityRows = [
  [300, 5],
  [300, 20],
  [1000, 20],
  [2000, 20],
  [2000, 50],
].flatMap(([queries, sessions]) => {
  const log = simulateLog(madeQueries(queries!, 3), sessions!, positionBased, { noise: 0.1 }, createRandom(seed));
  const pairs = allPairs(tabulate(log));
  const methods = {
    'fixed effects': positionEffects(pairs),
    'joint EM, Beta(1, 1)': positionsByEm(pairs, { mean: 0.5, strength: 2 }),
    'joint EM, Beta(.4, 1.6)': positionsByEm(pairs, { mean: 0.2, strength: 2 }),
    '1/position': new Map(truth.map((_, index) => [index + 1, 1 / (index + 1)])),
  };
  return Object.entries(methods).map(([name, found]) => {
    const errors = truth.map((chance, index) => EXAMINATION[0] * Math.abs(found.get(index + 1)! - chance));
    return [`${queries} × ${sessions}`, name, mean(errors).toFixed(3), Math.max(...errors).toFixed(3)];
  });
});
console.log(table(['queries × sessions', 'propensities by', 'mean error', 'largest error'], propensityRows));

/** The same queries as a nearly perfect ranking serves them. */
function servedWell(queries: readonly SimulatedQuery[]): SimulatedQuery[] {
  const random = createRandom(5);
  return queries.map((query) => {
    const scores = new Map(query.ranking.map((id) => [id, query.attraction.get(id)! + 0.1 * random.next()]));
    const ranking = [...query.ranking].sort((left, right) => scores.get(right)! - scores.get(left)!);
    return { ...query, ranking };
  });
}

const { name, queries } = await benchQueries();
const settings: Array<readonly [string, readonly SimulatedQuery[], Behaviour]> = [
  ['position-based', queries, positionBased],
  ['position-based, served well', servedWell(queries), positionBased],
  ['position-based, eyes at the top (η 2)', queries, { kind: 'position-based', eta: 2 }],
  ['look at everything (η 0)', queries, { kind: 'position-based', eta: 0 }],
  ['look at everything, served well', servedWell(queries), { kind: 'position-based', eta: 0 }],
  ['cascade, leave with the click', queries, { kind: 'cascade', satisfaction: 1, continuation: 0.9 }],
  ['cascade, half satisfied', queries, { kind: 'cascade', satisfaction: 0.5, continuation: 0.9 }],
  ['dependent click', queries, { kind: 'dependent-click', continuations: [0.8, 0.7, 0.6, 0.5] }],
];
const models = clickModels();
const NAMES = {
  naive: 'naive',
  coec: 'COEC',
  'position-based': 'PBM',
  cascade: 'cascade',
  'simplified-dynamic-bayesian': 'sDBN',
  'dynamic-bayesian': 'DBN',
};
const labels = [...Object.values(NAMES), 'DBN a·s'];
const rows: string[][] = [];
for (const [kind, served, behaviour] of settings) {
  for (const noise of options.noise.split(',').map(Number)) {
    const log = simulateLog(served, Number(options.sessions), behaviour, { noise }, createRandom(seed));
    const shown = tabulate(log);
    const scores = new Map<string, Array<number | null>>(['served', ...labels].map((label) => [label, []]));
    const note = (label: string, score: (queryKey: string, itemId: string) => number): void => {
      for (const { queryKey, ranking, attraction } of served) {
        const items = ranking.filter((id) => {
          const cells = shown.get(queryKey)?.get(id)?.cells ?? [];
          return cells.reduce((sum, cell) => sum + cell.shown, 0) >= 3;
        });
        const judged = items.map((id) => score(queryKey, id));
        const truths = items.map((id) => attraction.get(id)!);
        // Judgments that are all the same order nothing: 0. Items that are all the same cannot be ordered: left out.
        scores.get(label)!.push(new Set(truths).size < 2 ? null : (spearman(judged, truths) ?? 0));
      }
    };
    const ranks = new Map(served.map(({ queryKey, ranking }) => [queryKey, ranking]));
    note('served', (queryKey, id) => -ranks.get(queryKey)!.indexOf(id));
    for (const model of models) {
      const fitted = model.fit(log);
      const label = NAMES[model.name as keyof typeof NAMES];
      note(label, (queryKey, id) => fitted.attraction(queryKey, id).mean);
      if (fitted instanceof ScanModel && label === 'DBN')
        note(
          'DBN a·s',
          (queryKey, id) => fitted.attraction(queryKey, id).mean * fitted.satisfaction(queryKey, id).mean,
        );
    }
    const chosen = NAMES[chooseClickModel(log, { models, seed }).ranking[0]!.name as keyof typeof NAMES];
    const against = (label: string) => {
      const gains = scores.get(label)!.flatMap((value, query) => {
        const plain = scores.get('naive')![query]!;
        return value === null ? [] : [value - plain];
      });
      return bootstrap(gains);
    };
    const verdict = (label: string): string => {
      const { low, high } = against(label);
      return high < 0 ? 'loses' : low > 0 ? 'wins' : 'even';
    };
    const { mean: gained, low, high } = against(chosen);
    rows.push([
      kind,
      String(noise),
      ...['served', ...labels].map((label) =>
        mean(scores.get(label)!.filter((value) => value !== null))
          .toFixed(3)
          .replace('0.', '.'),
      ),
      chosen,
      `${gained.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`,
      ...['COEC', 'PBM', 'DBN'].map(verdict),
    ]);
  }
}
console.log(`\n${name}: ${queries.length} queries × ${options.sessions} sessions, about a fifth of the slots explored`);
console.log(
  table(
    ['users', 'noise', 'served', ...labels, 'by perplexity', 'chosen − naive, paired [95 %]', 'COEC', 'PBM', 'DBN'],
    rows,
  ),
);
