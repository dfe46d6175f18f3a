/**
 * What attacks on feedback achieve, without guards and with them, against a day of honest traffic: how far the target's
 * judgment and its rank in the served list move, and how many honest sessions are set aside by mistake. Through the
 * product's own services on the icon catalogue, in simulated time.
 *   node bench/attacks.ts [--queries 20] [--visits 30] [--seeds 1,2,3]
 */
import { parseArgs } from 'node:util';
import { ICON_FIELDS, readIconItems, readTagQueries } from '../demo/icons.ts';
import { table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { mean } from '../src/learning/evaluation/metrics.ts';
import { FeedbackSettingsStore } from '../src/learning/feedback/feedback-settings-store.ts';
import { Guards } from '../src/learning/feedback/guards/guards.ts';
import { Sessions } from '../src/learning/feedback/sessions/sessions.ts';
import { judgmentsFromClicks } from '../src/learning/judgments/from-clicks/judgments-from-clicks.ts';
import { JudgmentStore } from '../src/learning/judgments/judgment-store.ts';
import { createStudio } from '../src/studio.ts';
import { ATTACKS, HOURS, honestTraffic, type PlannedVisit, type Target } from './support/attack-traffic.ts';

const { values: options } = parseArgs({
  options: {
    queries: { type: 'string', default: '20' },
    visits: { type: 'string', default: '30' },
    seeds: { type: 'string', default: '1,2,3' },
  },
});
const COLLECTION = 'icons';
const PAGE = 10;
const DEEP = 200;
const DAY = 86_400_000;
const seeds = options.seeds.split(',').map(Number);

let now = Date.UTC(2026, 0, 1);
const clock = { now: () => new Date(now) };
const studio = await createStudio({
  dataDirectory: 'memory',
  clock,
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search, feedback, memory } = studio.services;
const { db } = studio.database;
await collections.put(COLLECTION, { fields: ICON_FIELDS });
const { sequence } = await items.upsert(COLLECTION, [...(await readIconItems({ pictures: false }))]);
await items.waitIndexed(COLLECTION, sequence, 600);
const { id: collectionId } = await collections.get(COLLECTION);
const settings = new FeedbackSettingsStore(db);
const sessions = new Sessions({ db, settings });
const guards = new Guards({ db, clock, settings });
const judgments = new JudgmentStore({ db, clock });
const fromClicks = judgmentsFromClicks({
  db,
  clock,
  settingsOf: (id) => settings.of(id),
  refreshLog: (id) => sessions.refresh(id),
});

interface Outcome {
  readonly grade: number;
  readonly rank: number;
  /** Sessions by kind of visitor, and how many of them were set aside. */
  readonly sessions: ReadonlyMap<string, { readonly all: number; readonly setAside: number }>;
}

const relevant = new Map((await readTagQueries()).map((query) => [query.text, query.relevant]));

async function ranking(text: string): Promise<string[]> {
  const { hits } = await search.search(COLLECTION, { query: [{ text }], limit: DEEP, fields: [], record: false });
  return hits.map((hit) => hit.id);
}

/** Plays a day of visits in simulated time and looks at what was learned from it. */
async function play(plans: readonly PlannedVisit[], target: Target, isGuarded: boolean): Promise<Outcome> {
  now += 3 * DAY;
  const from = now;
  await settings.patch(collectionId, { guards: { enabled: isGuarded } });
  // The product sees settings of another process after two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  await memory.forget(collectionId, null);
  const actions = plans.map((plan) => ({ at: from + plan.at, act: () => ask(plan) }));
  // A visit adds its end when it begins: everything happens in the order of its time.
  const schedule = (at: number, act: () => Promise<void>): void => {
    const place = actions.findIndex((action) => action.at > at);
    actions.splice(place === -1 ? actions.length : place, 0, { at, act });
  };
  async function ask({ query, limit, user, session, act }: PlannedVisit): Promise<void> {
    const { searchId, hits } = await search.search(COLLECTION, {
      query: [{ text: query }],
      limit,
      fields: [],
      user,
      session,
    });
    const shownAt = now;
    const shown = hits.map(({ id }) => ({ id, attraction: relevant.get(query)?.has(id) === true ? 1 : 0 }));
    const events = act(shown).filter(({ type }) => type !== 'impression');
    if (events.length === 0) return;
    const end = Math.max(...events.map(({ afterMilliseconds }) => afterMilliseconds));
    schedule(shownAt + end, async () => {
      const { rejected } = await feedback.take(
        events.map(({ itemId, type, value, afterMilliseconds }) => ({
          searchId: searchId as string,
          itemId,
          type,
          value,
          user,
          at: new Date(shownAt + afterMilliseconds).toISOString(),
        })),
      );
      if (rejected[0] !== undefined) throw new Error(`An event was refused: ${rejected[0].message}`);
    });
  }
  actions.sort((left, right) => left.at - right.at);
  for (let done = 0; actions.length > 0; done++) {
    const action = actions.shift() as (typeof actions)[number];
    now = action.at;
    await action.act();
    // The product looks for farms every ten seconds, of its own time; the day passes faster here.
    if (done % 200 === 0) await guards.inspectFarms(collectionId);
  }
  now = from + (HOURS + 1) * 3_600_000;
  await sessions.refresh(collectionId);
  await guards.inspect(collectionId);
  await guards.inspectFarms(collectionId);
  await learned();
  return {
    grade: await gradeOf(target, from),
    rank: (await ranking(target.query)).indexOf(target.itemId) + 1,
    sessions: await countSessions(plans, from),
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

async function gradeOf({ query, itemId }: Target, from: number): Promise<number> {
  const input = { collectionId, from: new Date(from).toISOString(), anonymity: 1, minimumSupport: 0 };
  const context = { runId: 'bench', attempt: 1, signal: new AbortController().signal, progress: () => {} };
  await fromClicks.work(input, context);
  const { judgments: found } = await judgments.list(collectionId, { set: 'clicks', query, limit: 1000 });
  return found.find((judgment) => judgment.itemId === itemId)?.grade ?? 0;
}

async function countSessions(plans: readonly PlannedVisit[], from: number): Promise<Outcome['sessions']> {
  const clientOf = ({ user, session }: PlannedVisit): string =>
    user === undefined ? `session ${session}` : `user ${user}`;
  const kinds = new Map(plans.map((plan) => [clientOf(plan), plan.kind]));
  const rows = await db
    .selectFrom('sessions')
    .select(['client', 'set_aside'])
    .where('collection_id', '=', collectionId)
    .where('started_at', '>=', new Date(from))
    .execute();
  const counts = new Map<string, { all: number; setAside: number }>();
  for (const { client, set_aside } of rows) {
    const kind = kinds.get(client) ?? 'unknown';
    const count = counts.get(kind) ?? { all: 0, setAside: 0 };
    counts.set(kind, { all: count.all + 1, setAside: count.setAside + (set_aside === null ? 0 : 1) });
  }
  return counts;
}

/** Queries whose page has good hits, and first one with a bad hit at rank 8 to 10: that is what is pushed. */
async function choose(seed: number): Promise<{ readonly queries: string[]; readonly target: Target }> {
  const queries: string[] = [];
  let target: Target | undefined;
  for (const text of createRandom(seed).shuffle([...relevant.keys()])) {
    const page = (await ranking(text)).slice(0, PAGE);
    const isGood = (id: string | undefined): boolean => id !== undefined && relevant.get(text)?.has(id) === true;
    if (page.length < PAGE || page.filter(isGood).length < 3) continue;
    const itemId = page.slice(7).find((id) => !isGood(id));
    if (target === undefined && itemId === undefined) continue;
    target ??= { query: text, itemId: itemId as string };
    queries.push(text);
    if (queries.length === Number(options.queries)) break;
  }
  return { queries, target: target as Target };
}

const names = ['nobody', ...Object.keys(ATTACKS)];
const found = new Map<string, Outcome[]>();
const outcomesOf = (name: string, isGuarded: boolean): Outcome[] => found.get(`${name} ${isGuarded}`) as Outcome[];
const isAttacker = (kind: string): boolean => ['robot', 'flood', 'farm', 'poisoner'].includes(kind);
const share = (outcomes: readonly Outcome[], kinds: (kind: string) => boolean): string => {
  const counts = outcomes.flatMap((outcome) => [...outcome.sessions].filter(([kind]) => kinds(kind)));
  const [all, setAside] = [
    counts.reduce((sum, [, count]) => sum + count.all, 0),
    counts.reduce((sum, [, count]) => sum + count.setAside, 0),
  ];
  return all === 0 ? '' : `${setAside} of ${all}`;
};
const grades = (outcomes: readonly Outcome[]): string => mean(outcomes.map(({ grade }) => grade)).toFixed(2);
const ranks = (outcomes: readonly Outcome[]): string => outcomes.map(({ rank }) => rank || `>${DEEP}`).join(' ');

function report(seedsDone: number): void {
  console.log(
    `${options.queries} tags × ${options.visits} honest visits and 212 of people who do much, ${seedsDone} seeds; the target is irrelevant, at rank 8 to 10 before anybody clicks`,
  );
  console.log(
    table(
      [
        'attack',
        'grade without guards',
        'with',
        'rank without guards, by seed',
        'with',
        'attacking sessions set aside',
        'honest ones',
      ],
      names.map((name) => [
        name,
        grades(outcomesOf(name, false)),
        grades(outcomesOf(name, true)),
        ranks(outcomesOf(name, false)),
        ranks(outcomesOf(name, true)),
        share(outcomesOf(name, true), isAttacker),
        share(outcomesOf(name, true), (kind) => !isAttacker(kind)),
      ]),
    ),
  );
  const honestKinds = new Set(
    outcomesOf('nobody', true)
      .flatMap(({ sessions: counts }) => [...counts.keys()])
      .filter((kind) => !isAttacker(kind)),
  );
  console.log(
    table(
      ['honest sessions set aside, all runs with guards', ''],
      [...honestKinds].sort().map((honest) => [
        honest,
        share(
          names.flatMap((name) => outcomesOf(name, true)),
          (kind) => kind === honest,
        ),
      ]),
    ),
  );
}

for (const [done, seed] of seeds.entries()) {
  now += 3 * DAY;
  await memory.forget(collectionId, null);
  const { queries, target } = await choose(seed);
  for (const name of names) {
    const attack = ATTACKS[name]?.(queries, target, createRandom(seed + 1000)) ?? [];
    for (const isGuarded of [false, true]) {
      const key = `${name} ${isGuarded}`;
      // Clients that came back from another run would be no passers-by.
      const run = `${seed} ${names.indexOf(name)} ${isGuarded}`;
      const plans = [...honestTraffic(queries, Number(options.visits), seed), ...attack].map((plan) => ({
        ...plan,
        ...(plan.user === undefined ? {} : { user: `${plan.user}, ${run}` }),
        ...(plan.session === undefined ? {} : { session: `${plan.session}, ${run}` }),
      }));
      found.set(key, [...(found.get(key) ?? []), await play(plans, target, isGuarded)]);
      console.error(`seed ${seed}: ${name}, ${isGuarded ? 'with' : 'without'} guards: done`);
    }
  }
  report(done + 1);
}
await studio.close();
