/**
 * What exploration costs and what it buys. Shoppers ask tags of the icon catalogue, some times each, and see pages that
 * are explored to some share. Cost: nDCG@10 of these pages. Bought: how well a click model fitted to the log knows what
 * is good; on how many slots an estimate of another ranking rests, and how far off it is; what feedback memory learned
 * for the next time, served without exploration. Through the product's own services; pages are gathered without
 * memory, so that all shares start from one ranking.
 *   node bench/exploration.ts [--queries 400] [--sessions 5] [--shares 0,0.1,0.2,0.3] [--seeds 1,2,3]
 */
import { parseArgs } from 'node:util';
import { PAGE } from '../demo/demo-search.ts';
import { ICON_FIELDS, readIconItems, readTagQueries, type TagQuery } from '../demo/icons.ts';
import { gain, level, table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { bootstrap, type Interval } from '../src/learning/evaluation/bootstrap.ts';
import { doublyRobust, selfNormalised } from '../src/learning/evaluation/counterfactual/estimators.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { population } from '../src/learning/evaluation/simulator/population.ts';
import { FeedbackSettingsStore } from '../src/learning/feedback/feedback-settings-store.ts';
import { type LoggedSearch, readLog } from '../src/learning/feedback/sessions/read-log.ts';
import { Sessions } from '../src/learning/feedback/sessions/sessions.ts';
import { positionBased } from '../src/learning/judgments/click-models/position-based.ts';
import { createStudio } from '../src/studio.ts';
import { spearman } from './support/rank-correlation.ts';

const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: '400' },
    sessions: { type: 'string', default: '5' },
    shares: { type: 'string', default: '0,0.1,0.2,0.3' },
    seeds: { type: 'string', default: '1,2,3' },
  },
});
const COLLECTION = 'icons';
const DEPTH = 20;
const sessionsPerQuery = Number(options.sessions);
const shares = options.shares.split(',').map(Number);
const seeds = options.seeds.split(',').map(Number);

const studio = await createStudio({
  dataDirectory: 'memory',
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search, feedback, memory } = studio.services;
const { db } = studio.database;
await collections.put(COLLECTION, { fields: ICON_FIELDS });
const { sequence } = await items.upsert(COLLECTION, [...(await readIconItems({ pictures: false }))]);
await items.waitIndexed(COLLECTION, sequence, 600);
const { id: collectionId } = await collections.get(COLLECTION);
const settings = new FeedbackSettingsStore(db);
// Visitors come as fast as they are answered, which is no human pace.
await settings.patch(collectionId, { guards: { enabled: false } });
const sorted = new Sessions({ db, settings });

/** What comes of one share and seed; lists are by query. */
interface Outcome {
  readonly shown: readonly number[];
  readonly moved: number;
  readonly ofTop: ReadonlyArray<number | null>;
  readonly ofPage: ReadonlyArray<number | null>;
  readonly effective: number;
  readonly meanWeight: number;
  readonly trueClicks: number;
  /** Estimated minus true clicks a search of the other ranking. */
  readonly selfNormalisedError: number;
  readonly doublyRobustError: number;
  readonly gained: readonly number[];
}

async function rankingOf(text: string, limit: number, withMemory: boolean): Promise<string[]> {
  const { hits } = await search.search(COLLECTION, {
    query: [{ text }],
    limit,
    fields: [],
    record: false,
    memory: withMemory,
  });
  return hits.map((hit) => hit.id);
}

const qualityOf = (ids: readonly string[], { relevant }: TagQuery): number =>
  ndcgAt(ids, new Map([...relevant].map((id) => [id, 1])), PAGE);

async function measure(queries: readonly TagQuery[], share: number, seed: number): Promise<Outcome> {
  await collections.updateRanking(COLLECTION, { exploration: { share, depth: DEPTH } });
  await memory.forget(collectionId, null);
  const from = new Date();
  const visitors = population({ seed, shoppers: 1000 });
  const shown = new Map(queries.map(({ text }): [string, number[]] => [text, []]));
  const random = createRandom(seed);
  for (const [visit, query] of random
    .shuffle(Array.from({ length: sessionsPerQuery }, () => queries).flat())
    .entries()) {
    const { searchId, hits } = await search.search(COLLECTION, {
      query: [{ text: query.text }],
      limit: PAGE,
      fields: [],
      memory: false,
      session: `${seed} ${share} ${visit}`,
    });
    const ids = hits.map((hit) => hit.id);
    shown.get(query.text)?.push(qualityOf(ids, query));
    const page = ids.map((id) => ({ id, attraction: query.relevant.has(id) ? 1 : 0 }));
    const events = visitors
      .next()
      .value.visit(page)
      .filter(({ type }) => type === 'click');
    const { rejected } = await feedback.take(
      events.map(({ itemId }) => ({ searchId: searchId as string, itemId, type: 'click' })),
    );
    if (rejected[0] !== undefined) throw new Error(`A click was refused: ${rejected[0].message}`);
  }
  await learned();
  return {
    shown: queries.map(({ text }) => mean(shown.get(text) as number[])),
    ...(await knowledge(queries, from)),
    gained: await gainOf(queries),
  };
}

/** Waits until nothing is left for memory to learn. */
async function learned(): Promise<void> {
  for (;;) {
    const due = await db.selectFrom('memory_due').select('query_key').limit(1).execute();
    if (due.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function gainOf(queries: readonly TagQuery[]): Promise<number[]> {
  const gained: number[] = [];
  for (const query of queries) {
    const before = qualityOf(await rankingOf(query.text, PAGE, false), query);
    gained.push(qualityOf(await rankingOf(query.text, PAGE, true), query) - before);
  }
  return gained;
}

/** What the log says of the true attraction of the top ranks, and of a ranking that was never served. */
async function knowledge(queries: readonly TagQuery[], from: Date) {
  await sorted.refresh(collectionId);
  const log: LoggedSearch[] = [];
  for await (const session of readLog(db, collectionId, { from, setAside: 'included' })) log.push(...session);
  const clicksOf = (logged: LoggedSearch): boolean[] => {
    const clicked = new Set(logged.events.map(({ itemId }) => itemId));
    return logged.itemIds.map((itemId) => clicked.has(itemId));
  };
  const clickModel = positionBased();
  const model = clickModel.fit(
    log.map((logged) => ({
      queryKey: logged.queryKey as string,
      itemIds: logged.itemIds,
      clicks: clicksOf(logged),
      firstPosition: 1,
      weight: 1,
    })),
  );
  const rankings = new Map<string, string[]>();
  for (const { text } of queries) rankings.set(text, await rankingOf(text, DEPTH, false));
  const correlation = ({ text, relevant }: TagQuery, depth: number): number | null => {
    const ids = (rankings.get(text) as string[]).slice(0, depth);
    return spearman(
      ids.map((id) => model.attraction(text, id).mean),
      ids.map((id) => (relevant.has(id) ? 1 : 0)),
    );
  };
  const truth = new Map(queries.map(({ text, relevant }) => [text, relevant]));
  // A little better than what is served: relevant items stand three ranks higher.
  const target = ({ queryKey }: { readonly queryKey: string }): string[] => {
    const ranking = rankings.get(queryKey) as string[];
    const place = new Map(ranking.map((id, rank) => [id, rank - (truth.get(queryKey)?.has(id) === true ? 3.5 : 0)]));
    return [...ranking].sort((left, right) => (place.get(left) as number) - (place.get(right) as number));
  };
  const searches = log.map((logged) => ({
    queryKey: logged.queryKey as string,
    hits: logged.itemIds.map((itemId, slot) => ({
      itemId,
      position: slot + 1,
      propensity: logged.propensities[slot] as number,
      reward: clicksOf(logged)[slot] === true ? 1 : 0,
    })),
  }));
  const exact = { clip: 1000, resamples: 100 };
  const estimate = selfNormalised(searches, target, exact);
  const robust = doublyRobust(
    searches,
    target,
    (queryKey, itemId, position) => model.examination(position) * model.attraction(queryKey, itemId).mean,
    exact,
  );
  const trueClicks = clicksASearch(queries, target);
  const slots = log.reduce((sum, { itemIds }) => sum + itemIds.length, 0);
  const moved = log.reduce(
    (sum, { itemIds, queryKey }) =>
      sum + itemIds.filter((id, slot) => rankings.get(queryKey as string)?.[slot] !== id).length,
    0,
  );
  return {
    moved: moved / slots,
    ofTop: queries.map((query) => correlation(query, DEPTH)),
    ofPage: queries.map((query) => correlation(query, PAGE)),
    effective: estimate.effectiveSampleSize / slots,
    meanWeight: estimate.meanWeight,
    trueClicks,
    selfNormalisedError: estimate.mean - trueClicks,
    doublyRobustError: robust.mean - trueClicks,
  };
}

/** Clicks a search that a ranking truly brings, by showing it to many. */
function clicksASearch(
  queries: readonly TagQuery[],
  rankingOfQuery: (query: { readonly queryKey: string }) => readonly string[],
): number {
  const rounds = 100;
  const visitors = population({ seed: 99, shoppers: 1000 });
  let clicks = 0;
  for (const { text, relevant } of queries) {
    const page = rankingOfQuery({ queryKey: text }).slice(0, PAGE);
    const shown = page.map((id) => ({ id, attraction: relevant.has(id) ? 1 : 0 }));
    for (let round = 0; round < rounds; round++)
      clicks += visitors
        .next()
        .value.visit(shown)
        .filter(({ type }) => type === 'click').length;
  }
  return clicks / rounds / queries.length;
}

const allQueries = await readTagQueries();
const outcomes = new Map<number, Outcome[]>(shares.map((share) => [share, []]));
for (const seed of seeds) {
  const queries: TagQuery[] = [];
  for (const query of createRandom(seed).shuffle(allQueries)) {
    if (queries.length === Number(options.queries)) break;
    if ((await rankingOf(query.text, DEPTH, false)).length === DEPTH) queries.push(query);
  }
  for (const share of shares) {
    outcomes.get(share)?.push(await measure(queries, share, seed));
    console.error(`seed ${seed}, share ${share}: done`);
  }
}
await studio.close();

const over = (share: number, pick: (outcome: Outcome) => readonly number[]): number[] =>
  (outcomes.get(share) as Outcome[]).flatMap(pick);
const paired = (share: number, pick: (outcome: Outcome) => readonly number[]): Interval => {
  const before = over(shares[0] as number, pick);
  return bootstrap(over(share, pick).map((value, index) => value - (before[index] as number)));
};
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
const known = (values: ReadonlyArray<number | null>): number[] => values.filter((value) => value !== null);
console.log(
  `${options.queries} tags as queries × ${sessionsPerQuery} sessions, ${seeds.length} seeds, depth ${DEPTH}, page ${PAGE}; 95 % intervals over queries`,
);
console.log(
  table(
    [
      'share',
      'slots moved',
      'nDCG@10 shown',
      `cost against ${shares[0]}, paired`,
      'memory gains, asked again',
      'against the first',
    ],
    shares.map((share) => {
      const moved = mean((outcomes.get(share) as Outcome[]).map((outcome) => outcome.moved));
      const shown = (outcome: Outcome) => outcome.shown;
      const gained = (outcome: Outcome) => outcome.gained;
      return [
        String(share),
        `${(100 * moved).toFixed(1)} %`,
        level(bootstrap(over(share, shown))),
        share === shares[0] ? '' : gain(paired(share, shown)),
        gain(bootstrap(over(share, gained))),
        share === shares[0] ? '' : gain(paired(share, gained)),
      ];
    }),
  ),
);
console.log(
  table(
    [
      'share',
      `Spearman of attraction with truth, top ${DEPTH}`,
      `top ${PAGE}`,
      'another ranking: effective share of slots',
      'mean weight',
      'its clicks a search',
      'error of SNIPS, by seed',
      'doubly robust',
    ],
    shares.map((share) => {
      const all = outcomes.get(share) as Outcome[];
      return [
        String(share),
        level(bootstrap(known(all.flatMap(({ ofTop }) => ofTop)))),
        level(bootstrap(known(all.flatMap(({ ofPage }) => ofPage)))),
        `${(100 * mean(all.map(({ effective }) => effective))).toFixed(1)} %`,
        mean(all.map(({ meanWeight }) => meanWeight)).toFixed(2),
        mean(all.map(({ trueClicks }) => trueClicks)).toFixed(2),
        all.map(({ selfNormalisedError }) => signed(selfNormalisedError)).join(' '),
        all.map(({ doublyRobustError }) => signed(doublyRobustError)).join(' '),
      ];
    }),
  ),
);
