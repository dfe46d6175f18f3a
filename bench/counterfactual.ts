/**
 * Counterfactual estimates of a ranking that was never served, from logs of another one, against the simulator's truth: bias, standard
 * deviation, error, effective sample size, coverage; for users who fulfil the assumptions and users who do not. Then the
 * within-page gate: how often it promotes candidates that are truly better, and truly worse.
 *   node bench/counterfactual.ts [--logs 60] [--sessions 20] [--parts estimates,gate]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom, type Random } from '../src/foundation/core/random.ts';
import {
  type CounterfactualEstimate,
  doublyRobust,
  inversePropensity,
  selfNormalised,
} from '../src/learning/evaluation/counterfactual/estimators.ts';
import type { LoggedSearch, TargetRanking } from '../src/learning/evaluation/counterfactual/logged-search.ts';
import { withinPageGate } from '../src/learning/evaluation/counterfactual/within-page.ts';
import { dcgAt, mean } from '../src/learning/evaluation/metrics.ts';
import { type Behaviour, EXAMINATION, look } from '../src/learning/evaluation/simulator/behaviour.ts';
import { positionBased } from '../src/learning/judgments/click-models/position-based.ts';
import {
  benchQueries,
  PAGE_LENGTH,
  type SimulatedQuery,
  type SimulatedSearch,
  simulateLog,
} from './support/simulated-logs.ts';

const { values: options } = parseArgs({
  options: {
    logs: { type: 'string', default: '60' },
    sessions: { type: 'string', default: '20' },
    parts: { type: 'string', default: 'estimates,gate' },
  },
});
const logs = Number(options.logs);
const sessions = Number(options.sessions);
const parts = options.parts.split(',');
const NOISE = 0.1;
const { name, queries } = await benchQueries();

/** Another ranking of the same 20 items: by attraction with errors, or by chance alone. */
function reranked(random: Random, share: number, errors: number): Map<string, readonly string[]> {
  return new Map(
    queries.map(({ queryKey, ranking, attraction }) => {
      const scores = new Map(
        ranking.map((id, rank) => [id, share * attraction.get(id)! - rank / 20 + errors * random.next()]),
      );
      return [queryKey, [...ranking].sort((left, right) => scores.get(right)! - scores.get(left)!)];
    }),
  );
}

const toLogged = ({ queryKey, itemIds, clicks, propensities }: SimulatedSearch): LoggedSearch => ({
  queryKey,
  hits: itemIds.map((itemId, index) => ({
    itemId,
    position: index + 1,
    propensity: propensities[index]!,
    reward: clicks[index] === true ? 1 : 0,
  })),
});

/** Clicks per search that a ranking brings, by showing it many times. */
function trueValue(rankings: ReadonlyMap<string, readonly string[]>, behaviour: Behaviour): number {
  const random = createRandom(99);
  const rounds = 2000;
  return mean(
    queries.map(({ queryKey, attraction }) => {
      const attractions = rankings
        .get(queryKey)!
        .slice(0, PAGE_LENGTH)
        .map((id) => attraction.get(id)!);
      if (behaviour.kind === 'position-based')
        return attractions.reduce(
          (sum, value, index) => sum + EXAMINATION[index]! ** behaviour.eta * (NOISE + (1 - NOISE) * value),
          0,
        );
      let clicks = 0;
      for (let round = 0; round < rounds; round++)
        clicks += look(behaviour, attractions, random, { noise: NOISE }).clicked.length;
      return clicks / rounds;
    }),
  );
}

type Estimator = (log: SimulatedSearch[], target: TargetRanking, seed: number) => CounterfactualEstimate;
const QUICK = { resamples: 300 };
const clickModelOf = (log: SimulatedSearch[]) => {
  const model = positionBased();
  const fitted = model.fit(log);
  return (queryKey: string, itemId: string, position: number): number =>
    fitted.examination(position) * fitted.attraction(queryKey, itemId).mean;
};
const ESTIMATORS: Readonly<Record<string, Estimator>> = {
  IPS: (log, target, seed) => inversePropensity(log.map(toLogged), target, { ...QUICK, seed, clip: 1000 }),
  'IPS, weights clipped at 20': (log, target, seed) =>
    inversePropensity(log.map(toLogged), target, { ...QUICK, seed, clip: 20 }),
  SNIPS: (log, target, seed) => selfNormalised(log.map(toLogged), target, { ...QUICK, seed, clip: 1000 }),
  'SNIPS, clipped at 20': (log, target, seed) =>
    selfNormalised(log.map(toLogged), target, { ...QUICK, seed, clip: 20 }),
  'doubly robust': (log, target, seed) =>
    doublyRobust(log.map(toLogged), target, clickModelOf(log), { ...QUICK, seed, clip: 1000 }),
  'doubly robust, clipped at 20': (log, target, seed) =>
    doublyRobust(log.map(toLogged), target, clickModelOf(log), { ...QUICK, seed, clip: 20 }),
};

const targets = [
  ['a little better', reranked(createRandom(1), 0.15, 0)],
  ['much better', reranked(createRandom(2), 1, 0)],
] as const;
const users: Array<readonly [string, Behaviour]> = [
  ['position-based', { kind: 'position-based', eta: 1 }],
  ['cascade', { kind: 'cascade', satisfaction: 0.5, continuation: 0.9 }],
];
const served = new Map(queries.map((query): [string, SimulatedQuery] => [query.queryKey, query]));
const rows: string[][] = [];
for (const [kind, behaviour] of parts.includes('estimates') ? users : []) {
  const servedValue = trueValue(new Map([...served].map(([key, { ranking }]) => [key, ranking])), behaviour);
  for (const [label, rankings] of targets) {
    const truth = trueValue(rankings, behaviour);
    const found = new Map<string, CounterfactualEstimate[]>(Object.keys(ESTIMATORS).map((key) => [key, []]));
    for (let round = 0; round < logs; round++) {
      const log = simulateLog(queries, sessions, behaviour, { noise: NOISE }, createRandom(1000 + round));
      for (const [key, estimator] of Object.entries(ESTIMATORS))
        found.get(key)!.push(estimator(log, (search) => rankings.get(search.queryKey)!, round));
    }
    for (const [key, estimates] of found) {
      const values = estimates.map((estimate) => estimate.mean);
      const centre = mean(values);
      const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
      const error = Math.sqrt(mean(values.map((value) => (value - truth) ** 2)));
      const covered = estimates.filter(({ low, high }) => low <= truth && truth <= high).length / logs;
      rows.push([
        `${kind}, ${label}`,
        `${servedValue.toFixed(3)} → ${truth.toFixed(3)}`,
        key,
        (centre - truth).toFixed(3),
        deviation.toFixed(3),
        error.toFixed(3),
        mean(estimates.map(({ effectiveSampleSize }) => effectiveSampleSize)).toFixed(0),
        mean(estimates.map(({ meanWeight }) => meanWeight)).toFixed(2),
        `${(100 * covered).toFixed(0)} %`,
      ]);
    }
  }
}
console.log(
  `${name}: ${queries.length} queries × ${sessions} sessions a log, ${PAGE_LENGTH} slots a page, ${logs} logs`,
);
console.log(
  table(
    [
      'users, target',
      'clicks a search: served → target',
      'estimator',
      'bias',
      'deviation',
      'rmse',
      'ESS',
      'mean weight',
      'covered',
    ],
    rows,
  ),
);

/** What the candidate's order of the served page is truly worth more, in DCG of attraction. */
const trueGain = (rankings: ReadonlyMap<string, readonly string[]>): number =>
  mean(
    queries.map(({ queryKey, ranking, attraction }) => {
      const page = ranking.slice(0, PAGE_LENGTH);
      const ranks = new Map(rankings.get(queryKey)!.map((id, rank) => [id, rank]));
      const wanted = [...page].sort((left, right) => ranks.get(left)! - ranks.get(right)!);
      const gains = (ids: readonly string[]): number[] => ids.map((id) => attraction.get(id)!);
      return dcgAt(gains(wanted), PAGE_LENGTH) - dcgAt(gains(page), PAGE_LENGTH);
    }),
  );

interface Count {
  candidates: number;
  gain: number;
  promoted: number;
  refused: number;
  promotedUnweighted: number;
  refusedUnweighted: number;
}
const NO_COUNT: Count = {
  candidates: 0,
  gain: 0,
  promoted: 0,
  refused: 0,
  promotedUnweighted: 0,
  refusedUnweighted: 0,
};
const candidates = [
  ['learned a little', (random: Random) => reranked(random, 0.15, 0.02)],
  ['learned much', (random: Random) => reranked(random, 1, 0.1)],
  ['neighbours shuffled blindly', (random: Random) => reranked(random, 0, 0.1)],
  ['shuffled blindly', (random: Random) => reranked(random, 0, 0.5)],
] as const;
const gateRows = (parts.includes('gate') ? users : []).flatMap(([kind, behaviour]) =>
  candidates.flatMap(([label, make]) => {
    const counts = new Map<string, Count>();
    for (let round = 0; round < logs; round++) {
      const log = simulateLog(queries, 5, behaviour, { noise: NOISE }, createRandom(5000 + round)).map(toLogged);
      const rankings = make(createRandom(round));
      const target: TargetRanking = (search) => rankings.get(search.queryKey)!;
      const quick = { ...QUICK, seed: round, served: (search: LoggedSearch) => served.get(search.queryKey)!.ranking };
      const gain = trueGain(rankings);
      const side = gain > 0 ? 'truly better' : 'truly worse';
      const count = counts.get(side) ?? { ...NO_COUNT };
      counts.set(side, count);
      const weighted = withinPageGate(log, target, { ...quick, examination: (k) => EXAMINATION[k - 1]! }).verdict;
      const plain = withinPageGate(log, target, { ...quick, examination: () => 1 }).verdict;
      count.candidates++;
      count.gain += gain;
      if (weighted === 'promote') count.promoted++;
      if (weighted === 'refuse') count.refused++;
      if (plain === 'promote') count.promotedUnweighted++;
      if (plain === 'refuse') count.refusedUnweighted++;
    }
    return [...counts].map(([side, count]) => [
      `${kind}, ${label}`,
      `${side} by ${(count.gain / count.candidates).toFixed(3)}`,
      String(count.candidates),
      String(count.promoted),
      String(count.refused),
      String(count.promotedUnweighted),
      String(count.refusedUnweighted),
    ]);
  }),
);
console.log(`\nwithin-page gate, ${queries.length} queries × 5 sessions, ${logs} logs`);
console.log(
  table(
    [
      'users, candidate',
      'DCG of attraction',
      'candidates',
      'promoted',
      'refused',
      'without weights: promoted',
      'refused',
    ],
    gateRows,
  ),
);
