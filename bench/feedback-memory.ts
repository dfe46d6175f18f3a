/**
 * What feedback memory is worth at full size: shoppers ask every tag of the icon catalogue, click, and the same queries
 * are asked again; and the same with shoppers who click blindly, from whom nothing may be learned. Through the
 * product's own services for search and events.
 * With --new-items half of the icons arrive after the clicks, and what is compared is the same catalogue without memory.
 *   node bench/feedback-memory.ts [--new-items] [--shoppers seeing,blind] [--queries 2730] [--sessions 5] [--noise 0.1] [--seed 7] [--database-url …]
 */
import { parseArgs } from 'node:util';
import { type DemoSearch, PAGE } from '../demo/demo-search.ts';
import { judge } from '../demo/evaluate.ts';
import { ICON_FIELDS, readIconItems, readTagQueries, type TagQuery } from '../demo/icons.ts';
import { BLIND_ATTRACTION, letShoppersClick } from '../demo/shoppers.ts';
import { gain, level, table } from '../demo/table.ts';
import { createRandom } from '../src/foundation/core/random.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { createStudio } from '../src/studio.ts';

const { values: options } = parseArgs({
  options: {
    shoppers: { type: 'string', default: 'seeing,blind' },
    queries: { type: 'string', default: '2730' },
    sessions: { type: 'string', default: '5' },
    noise: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '7' },
    'new-items': { type: 'boolean', default: false },
    'database-url': { type: 'string' },
  },
});
const COLLECTION = 'icons';
const sessions = Number(options.sessions);

const studio = await createStudio({
  dataDirectory: 'memory',
  databaseUrl: options['database-url'],
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search: service, feedback, memory } = studio.services;
const search: DemoSearch = {
  async ask(text, { record, mode = 'hybrid' }) {
    const { searchId, hits } = await service.search(COLLECTION, {
      query: [{ text }],
      mode,
      record,
      memory: memoryTakesPart,
      limit: PAGE,
      fields: [],
    });
    return { searchId, ids: hits.map((hit) => hit.id) };
  },
  async click(searchId, itemIds) {
    const { rejected } = await feedback.take(itemIds.map((itemId) => ({ searchId, itemId, type: 'click' as const })));
    if (rejected[0] !== undefined) throw new Error(`A click was refused: ${rejected[0].message}`);
  },
};

await collections.put(COLLECTION, { fields: ICON_FIELDS });
const random = createRandom(Number(options.seed));
const catalogue = await readIconItems({ pictures: false });
const icons = options['new-items'] ? random.shuffle(catalogue) : catalogue;
const late = new Set(icons.slice(options['new-items'] ? icons.length >> 1 : icons.length));
async function upsert(some: Iterable<(typeof icons)[number]>): Promise<void> {
  const { sequence } = await items.upsert(COLLECTION, [...some]);
  await items.waitIndexed(COLLECTION, sequence, 600);
}
await upsert(icons.filter((icon) => !late.has(icon)));
const queries = random.shuffle(await readTagQueries()).slice(0, Number(options.queries));
const lateIds = new Set([...late].map(({ id }) => id));
/** The queries with the icons that came late as the only relevant ones; of those that have such. */
const onlyLate = queries
  .map((query): TagQuery => ({ ...query, relevant: new Set([...query.relevant].filter((id) => lateIds.has(id))) }))
  .filter(({ relevant }) => relevant.size > 0);
let memoryTakesPart = true;
const judged = (some: readonly TagQuery[]) => judge(search, some, 'hybrid', () => {});
let before = await judged(queries);
const rows = [['before any click', '', '', level(bootstrap(before)), '', '']];
const { id: collectionId } = await collections.get(COLLECTION);

for (const shoppers of options.shoppers.split(',')) {
  const blind = shoppers === 'blind';
  const started = performance.now();
  const { searches, clicks } = await letShoppersClick(search, queries, random, {
    sessions,
    noise: Number(options.noise),
    ...(blind ? { blindAttraction: BLIND_ATTRACTION } : {}),
    onSearch: () => {},
  });
  const milliseconds = (performance.now() - started) / searches;
  let ofLate: number[] | null = null;
  if (late.size > 0) {
    await upsert(late);
    memoryTakesPart = false;
    before = await judged(queries);
    const lateBefore = await judged(onlyLate);
    memoryTakesPart = true;
    ofLate = (await judged(onlyLate)).map((score, query) => score - (lateBefore[query] ?? 0));
  }
  const after = await judged(queries);
  await memory.forget(collectionId, null);
  for (let ids = [...lateIds]; ids.length > 0; ids = ids.slice(500))
    await items.delete(COLLECTION, { ids: ids.slice(0, 500) });
  const gained = bootstrap(after.map((score, query) => score - before[query]!));
  const isGood = blind ? gained.high <= 0.002 : gained.low > 0;
  rows.push([
    `after ${sessions} ${shoppers} shoppers a query, noise ${options.noise}`,
    String(clicks),
    milliseconds.toFixed(1),
    level(bootstrap(after)),
    gain(gained),
    isGood ? 'yes' : 'NO',
  ]);
  if (ofLate !== null) rows.push(['  the icons that came after the clicks', '', '', '', gain(bootstrap(ofLate)), '']);
}
await studio.close();
console.log(
  table(
    [
      `${queries.length} tags as queries, asked again`,
      'clicks',
      'ms a visit',
      'nDCG@10 [95 %]',
      'change, paired [95 %]',
      'as claimed',
    ],
    rows,
  ),
);
