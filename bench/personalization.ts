/**
 * What profiles are worth on MovieLens: per user, 80 % of the ratings in the order of time are history, the rest is what
 * came later. A query is a genre of which the user later rated at least three unseen movies 4 or better; these are
 * relevant. Arms: nobody, the right user, another user, and one who was never there.
 *
 * Two shared rankings: by popularity (ratings of 4 and better in all histories), to which the product's profile signal is added by
 * the product's own code, and the product's search itself. Strengths are compared on one half of the users; the other half
 * and all users are reported.
 *   node bench/personalization.ts [--seed 7] [--searches 400] [--database-url …]
 */
import { parseArgs } from 'node:util';
import { gain, level, table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { mean, ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { Profiles } from '../src/learning/improvement/profiles/profiles.ts';
import { boostsOf, type ProfileExplanation } from '../src/learning/improvement/profiles/taste.ts';
import { LiveReleases } from '../src/serving/search/live-release.ts';
import { keysOfItems } from '../src/serving/search/search-queries.ts';
import { createStudio } from '../src/studio.ts';
import { loadMovieLens, type Rating } from './support/movies.ts';
import { recordRatings } from './support/record-ratings.ts';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    searches: { type: 'string', default: '400' },
    'database-url': { type: 'string' },
  },
});
const COLLECTION = 'movies';
const HISTORY = 0.8;
const GOOD = 4;
const MIN_RELEVANT = 3;
/** As many as a search compares. */
const POOL = 200;
const K = 10;
const STRENGTHS = [0.25, 0.5, 1, 2];
const LIMITS = [0.1, 0.3];

const { movies, ratings } = loadMovieLens();
const now = new Date('2026-01-01T00:00:00Z');
const studio = await createStudio({
  dataDirectory: 'memory',
  databaseUrl: options['database-url'],
  clock: { now: () => now },
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { db, engine } = studio.database;
const { collections, items, search, feedbackSettings } = studio.services;

interface User {
  readonly name: string;
  readonly history: readonly Rating[];
  readonly future: readonly Rating[];
}
const users: User[] = [...ratings].map(([name, own]) => {
  const cut = Math.floor(HISTORY * own.length);
  return { name, history: own.slice(0, cut), future: own.slice(cut) };
});
const popularity = new Map<string, number>();
for (const { history } of users)
  for (const { movie, stars } of history) if (stars >= GOOD) popularity.set(movie, (popularity.get(movie) ?? 0) + 1);
const most = Math.max(...popularity.values());
const popular = (movie: string): number => Math.log1p(popularity.get(movie) ?? 0) / Math.log1p(most);

await collections.put(COLLECTION, {
  fields: {
    title: { type: 'text', embed: true, lexical: true },
    genres: { type: 'keyword', multiple: true, embed: true, lexical: true, filter: true },
    tags: { type: 'keyword', multiple: true, embed: true, lexical: true },
    movie: { type: 'keyword', filter: true },
  },
});
const collection = await collections.get(COLLECTION);
await feedbackSettings.patch(collection.id, { acceptDays: 3650, retentionDays: null, guards: { enabled: false } });
const written = await items.upsert(
  COLLECTION,
  [...movies.values()].map(({ id, title, genres, tags }) => ({ id, movie: id, title, genres, tags })),
);
await items.waitIndexed(COLLECTION, written.sequence, 600);
const events = await recordRatings(studio, collection, users, now);

const releases = new LiveReleases(db, engine.kind);
const release = await releases.of(await collections.refresh(COLLECTION));
const settings = release.ranking.profile;
const profiles = new Profiles({
  db,
  clock: { now: () => now },
  eventTypesOf: async (id) => (await feedbackSettings.of(id)).eventTypes,
  servedBy: async () => ({ vectors: release.vectors, settings }),
});
const scorerOf = (user: string) =>
  profiles.begin(
    { collectionId: collection.id, queryText: null, queryVector: null, user, settings: release.ranking, explain: true },
    release.vectors,
  );

const random = createRandom(Number(options.seed));
const withProfile = random.shuffle(users.filter(({ history }) => history.some(({ stars }) => stars >= GOOD)));
const another = new Map(withProfile.map(({ name }, at) => [name, withProfile[(at + 1) % withProfile.length]!.name]));
const keys = await keysOfItems(db, collection.id, [...movies.keys()], undefined);

interface Query {
  readonly user: User;
  readonly genre: string;
  readonly seen: ReadonlySet<string>;
  readonly grades: ReadonlyMap<string, number>;
  readonly pool: readonly string[];
}
const byPopularity = [...movies.values()].sort(
  (left, right) => popular(right.id) - popular(left.id) || keys.get(left.id)! - keys.get(right.id)!,
);
const queries = withProfile.flatMap((user): Query[] => {
  const seen = new Set(user.history.map(({ movie }) => movie));
  const good = user.future.filter(({ movie, stars }) => stars >= GOOD && !seen.has(movie));
  const genres = new Set(good.flatMap(({ movie }) => movies.get(movie)!.genres));
  return [...genres].flatMap((genre) => {
    const relevant = good.filter(({ movie }) => movies.get(movie)!.genres.includes(genre));
    if (relevant.length < MIN_RELEVANT) return [];
    const pool = byPopularity.filter(({ id, genres: own }) => own.includes(genre) && !seen.has(id)).slice(0, POOL);
    return [
      { user, genre, seen, grades: new Map(relevant.map(({ movie }) => [movie, 1])), pool: pool.map(({ id }) => id) },
    ];
  });
});

/** What the profile signal knows of a query's candidates: their cosines, and the evidence. */
async function seenBy(user: string, { pool }: Query) {
  const scorer = await scorerOf(user);
  if (scorer === null) return null;
  const scores = await scorer(pool.map((id) => keys.get(id)!));
  const why = [...scores].map(([key, score]) => [key, score.why as ProfileExplanation] as const);
  return {
    cosines: new Map(why.map(([key, { similarity }]) => [key, similarity])),
    evidence: why[0]?.[1].evidence ?? 0,
  };
}
type Seen = Awaited<ReturnType<typeof seenBy>>;

function ndcg({ pool, grades }: Query, seen: Seen, strength: number, limit: number): number {
  const boosts = seen === null ? new Map() : boostsOf(seen.cosines, seen.evidence, { ...settings, strength, limit });
  const scored = pool.map((id) => ({ id, score: popular(id) + (boosts.get(keys.get(id)!)?.boost ?? 0) }));
  const ranked = scored.sort((left, right) => right.score - left.score || keys.get(left.id)! - keys.get(right.id)!);
  return ndcgAt(
    ranked.map(({ id }) => id),
    grades,
    K,
  );
}

const measured: Array<{ readonly query: Query; readonly right: Seen; readonly wrong: Seen }> = [];
for (const query of queries) {
  const [right, wrong] = await Promise.all([
    seenBy(query.user.name, query),
    seenBy(another.get(query.user.name)!, query),
  ]);
  measured.push({ query, right, wrong });
}
/** What a profile adds to a search, once it is computed: one row, and the candidates compared. */
const waits: number[] = [];
for (const query of queries.slice(0, 300)) {
  const started = performance.now();
  await seenBy(query.user.name, query);
  waits.push(performance.now() - started);
}
const typical = waits.sort((left, right) => left - right)[waits.length >> 1] ?? 0;

/** Means per user, so that a user with many genres counts once. */
function perUser(of: typeof measured, value: (one: (typeof measured)[number]) => number): number[] {
  return [...Map.groupBy(of, ({ query }) => query.user.name).values()].map((own) => mean(own.map(value)));
}
const half = new Set(withProfile.filter((_, at) => at % 2 === 0).map(({ name }) => name));
const tuned = measured.filter(({ query }) => half.has(query.user.name));
const reported = measured.filter(({ query }) => !half.has(query.user.name));
const report = (of: typeof measured, strength: number, limit: number) => {
  const none = perUser(of, ({ query }) => ndcg(query, null, strength, limit));
  const right = perUser(of, ({ query, right: seen }) => ndcg(query, seen, strength, limit));
  const wrong = perUser(of, ({ query, wrong: seen }) => ndcg(query, seen, strength, limit));
  return { none, right, wrong };
};
const minus = (left: readonly number[], right: readonly number[]) =>
  bootstrap(left.map((value, at) => value - right[at]!));

console.log(
  `${movies.size} movies, ${events} events of ${users.length} users, ${queries.length} queries of ${new Set(queries.map(({ user }) => user.name)).size} users; nDCG@${K}, means over users; a profile adds ${typical.toFixed(1)} ms to a search, median\n`,
);
console.log(
  table(
    ['popularity + profile, first half of users', 'none', 'right − none', 'none − wrong'],
    STRENGTHS.flatMap((strength) =>
      LIMITS.map((limit) => {
        const { none, right, wrong } = report(tuned, strength, limit);
        return [
          `strength ${strength}, limit ${limit}`,
          mean(none).toFixed(4),
          gain(minus(right, none)),
          gain(minus(none, wrong)),
        ];
      }),
    ),
  ),
);
const { strength, limit } = settings;
const whole = report(measured, strength, limit);
for (const [name, { none, right, wrong }] of [
  ['second half of users', report(reported, strength, limit)],
  ['all users', whole],
] as const) {
  console.log(
    `\n${table(
      [`popularity + profile, ${name}, strength ${strength}, limit ${limit}`, `nDCG@${K}`, 'against none'],
      [
        ['no user', level(bootstrap(none)), ''],
        ['right user', level(bootstrap(right)), gain(minus(right, none))],
        ['another user', level(bootstrap(wrong)), gain(minus(wrong, none))],
      ],
    )}`,
  );
}
console.log();

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));

// The product's own search: the genre as the query's words and as its filter.
const asked = random.shuffle([...queries]).slice(0, Number(options.searches));
const lists: Record<'none' | 'right' | 'wrong' | 'cold', number[]> = { none: [], right: [], wrong: [], cold: [] };
let differing = 0;
for (const { user, genre, seen, grades } of asked) {
  const ask = async (over: object) => {
    const { hits } = await search.search(COLLECTION, {
      query: [{ text: genre }],
      filter: {
        bool: {
          must: [{ term: { genres: genre } }],
          must_not: chunksOf([...seen], 1000).map((some) => ({ terms: { movie: some } })),
        },
      },
      limit: K,
      fields: [],
      record: false,
      ...over,
    });
    return hits.map(({ id, score }) => ({ id, score }));
  };
  const shared = await ask({});
  const cold = await ask({ user: 'somebody who was never here' });
  if (JSON.stringify(cold) !== JSON.stringify(shared)) differing++;
  const answers = {
    none: shared,
    cold,
    right: await ask({ user: user.name }),
    wrong: await ask({ user: another.get(user.name) }),
  };
  for (const arm of ['none', 'right', 'wrong', 'cold'] as const)
    lists[arm].push(
      ndcgAt(
        answers[arm].map(({ id }) => id),
        grades,
        K,
      ),
    );
}
console.log(
  table(
    [`the product's search, ${asked.length} queries`, 'nDCG@10', 'against none'],
    [
      ['no user', level(bootstrap(lists.none)), ''],
      ['right user', level(bootstrap(lists.right)), gain(minus(lists.right, lists.none))],
      ['another user', level(bootstrap(lists.wrong)), gain(minus(lists.wrong, lists.none))],
      ['unknown user', level(bootstrap(lists.cold)), `${differing} lists differ`],
    ],
  ),
);
await studio.close();
if (differing > 0 || minus(whole.right, whole.none).low <= 0 || minus(whole.none, whole.wrong).low <= 0)
  process.exitCode = 1;
