import { createRandom, type Random } from '../../src/foundation/core/random.ts';
import { esciAttraction, exponentialAttraction } from '../../src/learning/evaluation/simulator/attraction.ts';
import { type Behaviour, type LookOptions, look } from '../../src/learning/evaluation/simulator/behaviour.ts';
import type { ClickSession } from '../../src/learning/judgments/click-models/click-session.ts';
import { explore } from '../../src/serving/search/explore.ts';
import { sharedFolder } from '../../test/support/shared.ts';
import { loadDataset, plainText } from './datasets.ts';
import { plainBm25 } from './plain-bm25.ts';

export const PAGE_LENGTH = 10;
/** Exploration draws from this many top ranks. */
export const DEPTH = 20;

export interface SimulatedQuery {
  readonly queryKey: string;
  /** The served ranking, DEPTH items. */
  readonly ranking: readonly string[];
  /** True attraction of each of them, in [0, 1]. */
  readonly attraction: ReadonlyMap<string, number>;
}

/** Judged queries of a data set as an independent BM25 ranks its whole catalogue; unjudged items attract nobody. */
async function judgedQueries(set: 'esci' | 'icecat'): Promise<SimulatedQuery[]> {
  const dataset = await loadDataset(set);
  const attractionOf = set === 'esci' ? esciAttraction : exponentialAttraction(3);
  const search = plainBm25(dataset.items.map((item) => ({ id: item.id, text: plainText(dataset, item) })));
  return dataset.queries.flatMap(({ text, grades }) => {
    const ranking = search(text, DEPTH);
    if (ranking.length < DEPTH) return [];
    return [
      { queryKey: text, ranking, attraction: new Map(ranking.map((id) => [id, attractionOf(grades.get(id) ?? 0)])) },
    ];
  });
}

/** Made-up queries whose ranking follows attraction with errors, for where real ones are missing or too few. */
export function madeQueries(count: number, seed: number): SimulatedQuery[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, query) => {
    const items = Array.from({ length: DEPTH }, (_, item) => {
      const draw = random.next();
      const attraction = draw < 0.55 ? 0 : draw < 0.75 ? 0.1 : draw < 0.88 ? 0.35 : 1;
      return { id: `q${query}-${item}`, attraction, score: attraction + 1.3 * random.next() };
    });
    items.sort((left, right) => right.score - left.score);
    return {
      queryKey: `query ${query}`,
      ranking: items.map(({ id }) => id),
      attraction: new Map(items.map(({ id, attraction }) => [id, attraction])),
    };
  });
}

/** Queries of ESCI and Icecat where the data is there (it says when not), made-up ones otherwise. */
export async function benchQueries(): Promise<{ readonly name: string; readonly queries: SimulatedQuery[] }> {
  if (sharedFolder() !== null) {
    const queries = [...(await judgedQueries('esci')), ...(await judgedQueries('icecat'))];
    return { name: 'ESCI and Icecat under BM25', queries };
  }
  console.log('no ../shared with ESCI and Icecat: made-up queries instead');
  return { name: 'made-up queries', queries: madeQueries(130, 1) };
}

/** As a collection explores: a fifth of the page's slots hold another item. */
const EXPLORATION = { share: 0.2, depth: DEPTH } as const;

/** One search, shown with exploration and clicked. */
export interface SimulatedSearch extends ClickSession {
  readonly propensities: readonly number[];
}

/** Searches of all queries in turn, `sessions` of each, clicked by one kind of user. */
export function simulateLog(
  queries: readonly SimulatedQuery[],
  sessions: number,
  behaviour: Behaviour,
  options: LookOptions,
  random: Random,
): SimulatedSearch[] {
  const rounds = Array.from({ length: sessions }, () => queries).flat();
  return rounds.map(({ queryKey, ranking, attraction }) => {
    const page = explore(ranking, PAGE_LENGTH, EXPLORATION, random);
    const itemIds = page.map(({ item }) => item);
    const { clicked } = look(
      behaviour,
      itemIds.map((id) => attraction.get(id)!),
      random,
      options,
    );
    const clicks = itemIds.map((_, index) => clicked.includes(index));
    const propensities = page.map(({ propensity }) => propensity);
    return { queryKey, itemIds, propensities, clicks, firstPosition: 1, weight: 1 };
  });
}
