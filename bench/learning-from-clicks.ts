/**
 * What a model learns from clicks for queries that nobody has asked: shoppers ask four fifths of the icon tags through the product's own
 * services, with a fifth of the slots explored; models are trained by the product's own runs, each with its click-blind twin; and the
 * ranking that is served, hybrid and without memory, is asked the tags that were never logged. A query adapter is asked over the same
 * index, a trained encoder over an index of its own.
 *   node bench/learning-from-clicks.ts [--folds 0] [--recipes query-adapter,encoder] [--sessions 5] [--noise 0.1] [--share 0.2] [--seed 1] [--threads 2] [--patience 0] [--steps 100] [--arms clicks,control] [--data folder]
 * With --data the installation stays in that folder, and a later call with the same fold goes on from its clicks.
 */
import { parseArgs } from 'node:util';
import { PAGE } from '../demo/demo-search.ts';
import { ICON_FIELDS, readIconItems, readTagQueries, type TagQuery } from '../demo/icons.ts';
import { gain, level, table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { bootstrap, type Interval } from '../src/learning/evaluation/bootstrap.ts';
import { ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { clicksOf } from '../src/learning/evaluation/simulator/behaviour.ts';
import { FeedbackSettingsStore } from '../src/learning/feedback/feedback-settings-store.ts';
import type { TrainingRecipe } from '../src/learning/training/runs/training-request.ts';
import type { TrainingResult } from '../src/learning/training/runs/training-run.ts';
import type { Encoder } from '../src/serving/encoders/encoder.ts';
import { LiveReleases } from '../src/serving/search/live-release.ts';
import { SearchService } from '../src/serving/search/search.ts';
import { createStudio, type Studio } from '../src/studio.ts';

const { values: options } = parseArgs({
  options: {
    folds: { type: 'string', default: '0' },
    recipes: { type: 'string', default: 'query-adapter,encoder' },
    sessions: { type: 'string', default: '5' },
    noise: { type: 'string', default: '0.1' },
    share: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    patience: { type: 'string' },
    steps: { type: 'string' },
    data: { type: 'string', default: 'memory' },
    arms: { type: 'string', default: 'clicks,control' },
  },
});
const COLLECTION = 'icons';
const FOLDS = 5;
const DEPTH = 20;
const EVENTS_AT_ONCE = 200;
const seed = Number(options.seed);
const recipes = options.recipes.split(',') as TrainingRecipe[];
const began = performance.now();
const say = (text: string): void => console.error(`${((performance.now() - began) / 1000).toFixed(0)} s  ${text}`);

type Ask = (query: TagQuery) => Promise<number>;
type Searcher = Pick<SearchService, 'search'>;

const icons = await readIconItems({ pictures: false });
const queries = createRandom(seed).shuffle(await readTagQueries());

/** A collection of all icons, indexed by a model. */
async function putIcons({ services }: Studio, name: string, model: string): Promise<void> {
  const { collections, items } = services;
  await collections.put(name, { fields: ICON_FIELDS, models: { text: model } });
  const { sequence } = await items.upsert(name, [...icons]);
  await items.waitIndexed(name, sequence, 600);
}

/** nDCG@10 of the ranking that the product serves. */
const asking =
  (search: Searcher, collection: string): Ask =>
  async ({ text, relevant }) => {
    const request = { query: [{ text }], limit: PAGE, fields: [], record: false, memory: false };
    const { hits } = await search.search(collection, request);
    return ndcgAt(
      hits.map(({ id }) => id),
      new Map([...relevant].map((id) => [id, 1])),
      PAGE,
    );
  };

/** The same search over the same index, whose queries go through an adapter. */
function searchThrough({ database, services }: Studio, adapter: Encoder): SearchService {
  const { db, engine } = database;
  const { collections } = services;
  return new SearchService({
    db,
    collections: { get: (name) => collections.get(name), refresh: (name) => collections.refresh(name) },
    releases: new LiveReleases(db, engine.kind),
    encoder: async () => adapter,
    signals: [],
    recorder: { record: () => {}, shown: async () => null },
    onDegraded: (what, error) => {
      throw new Error(`A search went on without ${what}.`, { cause: error });
    },
  });
}

async function letShoppersClick({ services, database }: Studio, logged: readonly TagQuery[], fold: number) {
  const { collections, search, feedback } = services;
  const { id } = await collections.get(COLLECTION);
  // Visitors come as fast as they are answered, which is no human pace.
  await new FeedbackSettingsStore(database.db).patch(id, { guards: { enabled: false } });
  await collections.updateRanking(COLLECTION, {
    exploration: { share: Number(options.share), depth: DEPTH },
    memory: { enabled: false },
  });
  const random = createRandom(seed + fold);
  const visits = random.shuffle(Array.from({ length: Number(options.sessions) }, () => logged).flat());
  let clicks = 0;
  let events: Array<{ searchId: string; itemId: string; type: string }> = [];
  for (const [visit, { text, relevant }] of visits.entries()) {
    const request = { query: [{ text }], limit: PAGE, fields: [], memory: false, session: `visit ${visit}` };
    const { searchId, hits } = await search.search(COLLECTION, request);
    const attractions = hits.map((hit) => (relevant.has(hit.id) ? 1 : 0));
    const clicked = clicksOf(attractions, random, { noise: Number(options.noise) });
    clicks += clicked.length;
    events.push(
      ...clicked.map((index) => ({ searchId: searchId ?? '', itemId: hits[index]?.id ?? '', type: 'click' })),
    );
    if (events.length < EVENTS_AT_ONCE && visit + 1 < visits.length) continue;
    const { rejected } = await feedback.take(events);
    if (rejected[0] !== undefined) throw new Error(`A click was refused: ${rejected[0].message}`);
    events = [];
  }
  await collections.updateRanking(COLLECTION, { exploration: { share: 0, depth: DEPTH } });
  say(`fold ${fold}: ${visits.length} searches, ${clicks} clicks`);
}

async function train({ services }: Studio, recipe: TrainingRecipe, control: boolean): Promise<TrainingResult> {
  const request = {
    ...{ recipe, control, seed, threads: Number(options.threads), split: { validation: 0.1, heldOut: 0 } },
    ...(options.patience === undefined ? {} : { patience: Number(options.patience) }),
    ...(options.steps === undefined ? {} : { steps: Number(options.steps) }),
  };
  const { id } = await services.trainings.start(COLLECTION, request);
  for await (const _ of services.runs.watch(id));
  const { result, error } = await services.runs.get(id);
  if (result === null) throw new Error(`The training failed: ${error?.message}`);
  const trained = result as TrainingResult;
  const { before = 0, after = 0 } = trained.validation ?? {};
  const { examples, queries: asked } = trained.dataset.counts as Record<string, { train: number }>;
  say(
    `${recipe}${control ? ', control' : ''}: ${examples?.train} examples of ${asked?.train} queries, ${trained.steps} steps, dense nDCG of what watches ${before.toFixed(3)} → ${after.toFixed(3)}`,
  );
  return trained;
}

/** The ranking with the trained query side: the same index for an adapter, an index of its own for an encoder. */
async function served(studio: Studio, recipe: TrainingRecipe, { model }: TrainingResult): Promise<Ask> {
  if (recipe === 'query-adapter') return asking(searchThrough(studio, await studio.models.encoder(model)), COLLECTION);
  await putIcons(studio, model, model);
  return asking(studio.services.search, model);
}

const figures = new Map<string, { heldOut: number[]; seen: number[] }>();
const note = (name: string, heldOut: readonly number[], seen: readonly number[]): void => {
  const known = figures.get(name) ?? { heldOut: [], seen: [] };
  figures.set(name, known);
  known.heldOut.push(...heldOut);
  known.seen.push(...seen);
};
const all = async (asked: readonly TagQuery[], ask: Ask): Promise<number[]> => {
  const values: number[] = [];
  for (const query of asked) values.push(await ask(query));
  return values;
};

for (const fold of options.folds.split(',').map(Number)) {
  const heldOut = queries.filter((_, at) => at % FOLDS === fold);
  const logged = queries.filter((_, at) => at % FOLDS !== fold);
  const seen = logged.slice(0, heldOut.length);
  const studio = await createStudio({
    dataDirectory: options.data,
    log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
  });
  const there = await studio.services.collections.list({});
  if (!there.some(({ name }) => name === COLLECTION)) {
    await putIcons(studio, COLLECTION, 'starter');
    say(`fold ${fold}: imported`);
    await letShoppersClick(studio, logged, fold);
  }
  const hybrid = asking(studio.services.search, COLLECTION);
  note('served hybrid', await all(heldOut, hybrid), await all(seen, hybrid));
  for (const recipe of recipes) {
    for (const control of options.arms.split(',').map((arm) => arm === 'control')) {
      const ask = await served(studio, recipe, await train(studio, recipe, control));
      note(`${recipe}${control ? ', control' : ''}`, await all(heldOut, ask), await all(seen, ask));
    }
  }
  await studio.close();
}

const difference = (left: string, right: string, cell: 'heldOut' | 'seen'): Interval =>
  bootstrap((figures.get(left)?.[cell] ?? []).map((value, at) => value - (figures.get(right)?.[cell][at] ?? 0)));
console.log(
  `icon tags, the starter, folds ${options.folds}: ${figures.get('served hybrid')?.heldOut.length} tags never logged; ${options.sessions} sessions a tag, noise ${options.noise}, ${options.share} of the slots explored; nDCG@${PAGE} of the served hybrid [95 %]`,
);
console.log(
  table(
    ['', 'never asked', 'gain, paired', 'seen', 'gain, paired', 'clicks − control, never asked'],
    [...figures].map(([name, { heldOut, seen }]) => [
      name,
      level(bootstrap(heldOut)),
      name === 'served hybrid' ? '' : gain(difference(name, 'served hybrid', 'heldOut')),
      level(bootstrap(seen)),
      name === 'served hybrid' ? '' : gain(difference(name, 'served hybrid', 'seen')),
      figures.has(`${name}, control`) ? gain(difference(name, `${name}, control`, 'heldOut')) : '',
    ]),
  ),
);
