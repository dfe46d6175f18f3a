/**
 * Serves the API, shows some searches, and says where and what; whoever started it sends events and kills it.
 *   node ingesting-process.ts <data directory> [database url]
 */
import { createStudio } from '../../src/studio.ts';
import { createLogger } from '../../src/surfaces/api/request-log.ts';
import { createServer } from '../../src/surfaces/api/server.ts';

const [dataDirectory = '', databaseUrl] = process.argv.slice(2);
const studio = await createStudio({ dataDirectory, databaseUrl });
const { collections, items, search } = studio.services;
await collections.put('crash', { fields: { name: { type: 'text', lexical: true } } });
const { sequence } = await items.upsert(
  'crash',
  Array.from({ length: 20 }, (_, number) => ({ id: `item ${number}`, name: `red thing number ${number}` })),
);
await items.waitIndexed('crash', sequence, 60);
const shown = [];
for (let number = 0; number < 40; number++) {
  const { searchId, hits } = await search.search('crash', {
    query: [{ text: `red thing ${number % 10}` }],
    user: `shopper ${number}`,
    limit: 10,
  });
  shown.push({ searchId, items: hits.map(({ id }) => id) });
}
const server = createServer(studio.services, { logger: createLogger('silent') });
process.stdout.write(`${JSON.stringify({ url: await server.listen(), shown })}\n`);
