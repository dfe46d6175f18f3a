/**
 * Searches that team-draft interleaving and an A/B test need for the same decision: which of two rankings is better, at 5 % risk with 80 % power,
 * looked at once at the end; the number is computed from the measured effect and variance and then checked by simulated tests of that
 * size. Then the always-valid test, looked at after every search: searches until it decides, and how often it errs.
 *   node bench/interleaving.ts [--searches 200000] [--tests 200]
 */
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { createRandom, type Random } from '../src/foundation/core/random.ts';
import { type Outcome, outcomeOf } from '../src/learning/evaluation/interleaving/outcome.ts';
import { teamDraft } from '../src/learning/evaluation/interleaving/team-draft.ts';
import { alwaysValidSign } from '../src/learning/evaluation/sequential/sign-mixture.ts';
import { type Behaviour, look } from '../src/learning/evaluation/simulator/behaviour.ts';
import { benchQueries, PAGE_LENGTH, type SimulatedQuery } from './support/simulated-logs.ts';

const { values: options } = parseArgs({
  options: { searches: { type: 'string', default: '200000' }, tests: { type: 'string', default: '200' } },
});
const searches = Number(options.searches);
const tests = Number(options.tests);
const NOISE = 0.1;
const { name, queries } = await benchQueries();

/** Mean and variance as values come. */
class Tally {
  count = 0;
  sum = 0;
  squares = 0;
  add(value: number): void {
    this.count++;
    this.sum += value;
    this.squares += value ** 2;
  }
  get mean(): number {
    return this.sum / this.count;
  }
  get variance(): number {
    return this.squares / this.count - this.mean ** 2;
  }
}

/** z of 97.5 % plus z of 80 %, squared. */
const POWER = (1.959964 + 0.841621) ** 2;

/** A candidate whose ranking knows something of attraction: `share` says how much. */
const candidateOf = ({ ranking, attraction }: SimulatedQuery, share: number): string[] => {
  const scores = new Map(ranking.map((id, rank) => [id, share * attraction.get(id)! - rank / 20]));
  return [...ranking].sort((left, right) => scores.get(right)! - scores.get(left)!);
};

interface Pair {
  readonly query: SimulatedQuery;
  readonly candidate: readonly string[];
}

function clicksOn(itemIds: readonly string[], query: SimulatedQuery, behaviour: Behaviour, random: Random): number[] {
  const attractions = itemIds.slice(0, PAGE_LENGTH).map((id) => query.attraction.get(id)!);
  return [...look(behaviour, attractions, random, { noise: NOISE }).clicked];
}

/** What A/B tests of search count, for one search. */
const AB_METRICS: Readonly<Record<string, (clicked: readonly number[]) => number>> = {
  'clicks a search': (clicked) => clicked.length,
  'any click': (clicked) => (clicked.length > 0 ? 1 : 0),
  'reciprocal rank of the first click': (clicked) => (clicked.length > 0 ? 1 / (clicked[0]! + 1) : 0),
  'mean reciprocal rank of clicks': (clicked) =>
    clicked.reduce((sum, index) => sum + 1 / (index + 1), 0) / Math.max(1, clicked.length),
  'DCG of clicks': (clicked) => clicked.reduce((sum, index) => sum + 1 / Math.log2(index + 2), 0),
};

function drafted({ query, candidate }: Pair, behaviour: Behaviour, random: Random): Outcome {
  const hits = teamDraft(query.ranking, candidate, { seed: random.integer(2 ** 31), length: PAGE_LENGTH });
  const clicked = clicksOn(
    hits.map((hit) => hit.itemId),
    query,
    behaviour,
    random,
  );
  return outcomeOf(
    hits,
    clicked.map((index) => hits[index]!.itemId),
  );
}

const signOf = (outcome: Outcome): number => (outcome === 'candidate' ? 1 : outcome === 'served' ? -1 : 0);

/** Share of tests of a given size that find the candidate better. */
function powerOf(size: number, draw: (random: Random) => number): number {
  let found = 0;
  for (let test = 0; test < tests; test++) {
    const random = createRandom(100 + test);
    const tally = new Tally();
    for (let search = 0; search < size; search++) tally.add(draw(random));
    if (tally.mean > 1.959964 * Math.sqrt(tally.variance / size)) found++;
  }
  return found / tests;
}

const users: Array<readonly [string, Behaviour]> = [
  ['position-based', { kind: 'position-based', eta: 1 }],
  ['cascade', { kind: 'cascade', satisfaction: 0.5, continuation: 0.9 }],
];
const rows: string[][] = [];
const sequentialRows: string[][] = [];
for (const [kind, behaviour] of users) {
  for (const share of [0.06, 0.1, 0.3, 1]) {
    const pairs = queries.map((query): Pair => ({ query, candidate: candidateOf(query, share) }));
    const pick = (random: Random): Pair => pairs[random.integer(pairs.length)]!;
    const random = createRandom(7);
    const wins = new Tally();
    const arms = new Map(Object.keys(AB_METRICS).map((key) => [key, { served: new Tally(), candidate: new Tally() }]));
    for (let search = 0; search < searches; search++) {
      wins.add(signOf(drafted(pick(random), behaviour, random)));
      const { query } = pick(random);
      const servedClicks = clicksOn(query.ranking, query, behaviour, random);
      const other = pick(random);
      const candidateClicks = clicksOn(other.candidate, other.query, behaviour, random);
      for (const [key, metric] of Object.entries(AB_METRICS)) {
        arms.get(key)!.served.add(metric(servedClicks));
        arms.get(key)!.candidate.add(metric(candidateClicks));
      }
    }
    const needed = Math.ceil((POWER * wins.variance) / wins.mean ** 2);
    const power = powerOf(needed, (own) => signOf(drafted(pick(own), behaviour, own)));
    for (const [key, { served, candidate }] of arms) {
      const effect = candidate.mean - served.mean;
      const error = Math.sqrt((served.variance + candidate.variance) / searches);
      // Both arms together.
      const size = Math.ceil((2 * POWER * (served.variance + candidate.variance)) / effect ** 2);
      const unclear = Math.abs(effect) < 2 * error;
      rows.push([
        `${kind}, ${share}`,
        String(needed),
        `${(100 * power).toFixed(0)} %`,
        key,
        `${served.mean.toFixed(4)} → ${candidate.mean.toFixed(4)}`,
        unclear ? 'no effect to be seen' : String(size),
        unclear ? '' : `${(size / needed).toFixed(1)} ×`,
      ]);
    }
    const decided = { right: 0, wrong: 0, searches: 0 };
    for (let test = 0; test < tests; test++) {
      const own = createRandom(900 + test);
      const counts = { candidate: 0, served: 0, tie: 0 };
      for (let search = 1; search <= 20 * needed; search++) {
        counts[drafted(pick(own), behaviour, own)]++;
        const { low, high } = alwaysValidSign(counts.candidate, counts.served);
        if (low <= 0.5 && high >= 0.5) continue;
        decided[low > 0.5 ? 'right' : 'wrong']++;
        decided.searches += search;
        break;
      }
    }
    const stopped = decided.right + decided.wrong;
    sequentialRows.push([
      `${kind}, ${share}`,
      String(needed),
      (decided.searches / stopped).toFixed(0),
      `${((100 * decided.right) / tests).toFixed(0)} %`,
      `${((100 * decided.wrong) / tests).toFixed(1)} %`,
    ]);
  }
}
console.log(
  `${name}: ${queries.length} queries; the candidate knows a share of the truth; measured on ${searches} searches`,
);
console.log(
  table(
    ['users, share', 'interleaving needs', 'its power', 'A/B metric', 'served → candidate', 'A/B needs', 'ratio'],
    rows,
  ),
);
console.log(`\nthe always-valid test, looked at after every search, ${tests} tests`);
console.log(table(['users, share', 'fixed size', 'searches until decided', 'right', 'wrong'], sequentialRows));
