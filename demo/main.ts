import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StudioError } from '../src/foundation/core/errors.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { lockDirectory } from '../src/foundation/database/pglite/directory-lock.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { createStudio, type Studio } from '../src/studio.ts';
import { createLogger } from '../src/surfaces/api/request-log.ts';
import { createServer } from '../src/surfaces/api/server.ts';
import { createClient } from '../src/surfaces/sdk/client.ts';
import { demoSearch } from './demo-search.ts';
import { judge } from './evaluate.ts';
import { ICON_FIELDS, readIconItems, readTagQueries } from './icons.ts';
import { openProgress } from './progress.ts';
import { BLIND_ATTRACTION, letShoppersClick } from './shoppers.ts';
import { bar, gain, level, table } from './table.ts';

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    queries: { type: 'string', default: '300' },
    sessions: { type: 'string', default: '5' },
    noise: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '7' },
    port: { type: 'string', default: '4242' },
    data: { type: 'string', default: '.data/demo' },
    'database-url': { type: 'string' },
  },
});
const COLLECTION = 'icons';
/** What a crowd that says nothing may gain by chance. */
const MOST_FROM_NOTHING = 0.002;

let stopping = false;
const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const seconds = (): string => `${(process.uptime()).toFixed(1)} s`;

const studio = await openEmpty().catch((error: Error) => {
  const hint = StudioError.isInstance(error) ? error.hint : undefined;
  console.error([error.message, hint].filter((line) => line !== undefined).join('\n'));
  process.exit(1);
});
const server = createServer(studio.services, { logger: createLogger('error') });
let closing: Promise<void> | undefined;
const stop = async (code: number): Promise<never> => {
  // The first call closes; whoever comes later waits for its end.
  closing ??= server.close().then(() => studio.close());
  if (process.stdout.isTTY && !stopping) say();
  stopping = true;
  await closing;
  process.exit(code);
};
process.once('SIGINT', () => void stop(0));
process.once('SIGTERM', () => void stop(0));

try {
  await run();
} catch (error) {
  // What fails because the demo is being stopped is no failure.
  if (!stopping) console.error(error);
  await stop(1);
}

/** Each run shows the same thing: it begins with an empty catalogue. A demo that runs already keeps its own. */
async function openEmpty(): Promise<Studio> {
  const database = join(options.data, 'database');
  const unlock = await lockDirectory(database);
  await rm(database, { recursive: true, force: true });
  await unlock();
  return await createStudio({
    dataDirectory: options.data,
    databaseUrl: options['database-url'],
    log: (severity, message, error) => severity === 'warn' && !stopping && console.warn(message, error ?? ''),
  });
}

async function run(): Promise<void> {
  const address = await server
    .listen({ host: '127.0.0.1', port: Number(options.port) })
    .catch(() => server.listen({ host: '127.0.0.1', port: 0 }));
  const client = createClient({ baseUrl: address });
  const database = studio.database.engine.kind === 'pglite' ? 'embedded database' : 'PostgreSQL';
  say(`Embedding Studio serves at ${address} (${database}, ${seconds()} after the start)`);
  say();

  const { collections } = await client.listCollections();
  if (collections.some(({ name }) => name === COLLECTION)) await client.deleteCollection(COLLECTION);
  await client.putCollection(COLLECTION, { fields: ICON_FIELDS });
  const items = await readIconItems({ pictures: true });
  const importing = openProgress('Importing icons', items.length);
  const started = performance.now();
  for (let start = 0; start < items.length; start += 500) {
    await client.putItems(COLLECTION, { items: items.slice(start, start + 500) });
    importing.at(Math.min(start + 500, items.length));
  }
  importing.done(`${items.length} icons stored`);
  const { sequence } = await client.getCollection(COLLECTION);
  const indexing = openProgress('Indexing', sequence);
  for (;;) {
    const { indexes } = await client.getCollection(COLLECTION);
    const applied = Math.min(...indexes.map((index) => index.appliedSequence));
    indexing.at(applied);
    if (applied >= sequence) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const took = (performance.now() - started) / 1000;
  indexing.done(`searchable by meaning and by word: ${Math.round(items.length / took)} icons a second`);

  const search = demoSearch(client, COLLECTION);
  const first = await search.ask('pointing left', { record: false });
  say(`First search, ${seconds()} after the start: "pointing left" → ${first.ids.slice(0, 4).join(', ')}`);
  say();

  const random = createRandom(Number(options.seed));
  const queries = random.shuffle(await readTagQueries()).slice(0, Number(options.queries));
  const asking = openProgress('Asking', queries.length * 3);
  let asked = 0;
  const judged = (mode: 'hybrid' | 'vector' | 'lexical'): Promise<number[]> =>
    judge(search, queries, mode, () => asking.at(++asked));
  const lexical = await judged('lexical');
  const vector = await judged('vector');
  const hybrid = await judged('hybrid');
  asking.done(
    `${queries.length} tags asked as queries; the icons that bear a tag are its answer, and no index has seen them`,
  );
  const best = Math.max(...[lexical, vector, hybrid].map((scores) => bootstrap(scores).mean));
  say();
  say(
    table(
      ['ranking', 'nDCG@10 [95 %]', ''],
      [
        ['by word (BM25)', level(bootstrap(lexical)), bar(bootstrap(lexical).mean, best, 24)],
        ['by meaning (starter vectors)', level(bootstrap(vector)), bar(bootstrap(vector).mean, best, 24)],
        ['hybrid', level(bootstrap(hybrid)), bar(bootstrap(hybrid).mean, best, 24)],
      ],
    ),
  );
  say();

  const visits = queries.length * Number(options.sessions);
  const shop = async (label: string, blind: boolean) => {
    const shopping = openProgress(label, visits);
    let done = 0;
    const result = await letShoppersClick(search, queries, random, {
      sessions: Number(options.sessions),
      noise: Number(options.noise),
      ...(blind ? { blindAttraction: BLIND_ATTRACTION } : {}),
      onSearch: () => shopping.at(++done),
    });
    shopping.done(`${result.searches} searches, ${result.clicks} clicks`);
    return judge(search, queries, 'hybrid', () => {});
  };
  const differences = (after: readonly number[]): number[] =>
    after.map((score, index) => score - (hybrid[index] as number));
  const seeing = await shop('Shoppers click what they look for', false);
  await client.forgetMemory(COLLECTION);
  const blind = await shop('Blind shoppers click anything', true);
  await client.forgetMemory(COLLECTION);
  const gained = bootstrap(differences(seeing));
  const blindly = bootstrap(differences(blind));
  say();
  say(
    table(
      ['the same queries asked again', 'nDCG@10 [95 %]', 'change, paired [95 %]'],
      [
        ['before any click', level(bootstrap(hybrid)), ''],
        [`after ${options.sessions} shoppers a query`, level(bootstrap(seeing)), gain(gained)],
        [`after ${options.sessions} blind shoppers a query`, level(bootstrap(blind)), gain(blindly)],
      ],
    ),
  );
  say();
  say(
    gained.low > 0
      ? 'Clicks made the search better: the interval lies above 0.'
      : 'The interval of the gain touches 0.',
  );
  say(
    blindly.low <= 0 && blindly.mean <= MOST_FROM_NOTHING
      ? 'Clicks that say nothing taught it nothing.'
      : 'Blind clicks moved the ranking upwards, which they must not.',
  );
  say(`Done ${seconds()} after the start.`);
  if (options.once) await stop(0);
  say();
  say(`Now yours: open ${address} and click. Ctrl+C ends it.`);
}
