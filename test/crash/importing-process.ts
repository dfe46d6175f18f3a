/**
 * Imports for ever and says what was acknowledged; whoever started it kills it.
 *   node importing-process.ts <data directory> <first number> [database url]
 */
import { createStudio } from '../../src/studio.ts';

const [dataDirectory = '', first = '0', databaseUrl] = process.argv.slice(2);
const studio = await createStudio({ dataDirectory, databaseUrl });
const { collections, items } = studio.services;
await collections.put('crash', {
  fields: { name: { type: 'text', embed: true, lexical: true }, size: { type: 'number', filter: true } },
});

const BATCH = 40;
for (let number = Number(first); ; number += BATCH) {
  const batch = Array.from({ length: BATCH }, (_, i) => ({
    id: `item ${number + i}`,
    name: `thing number ${number + i}`,
    size: number + i,
  }));
  const { accepted } = await items.upsert('crash', batch);
  // Items of the round before are changed and deleted too: the log has more than arrivals.
  if (number >= BATCH)
    await items.upsert('crash', [{ id: `item ${number - BATCH}`, name: `changed thing ${number}`, size: -1 }]);
  if (number >= BATCH) await items.delete('crash', { ids: [`item ${number - BATCH + 1}`] });
  process.stdout.write(`${JSON.stringify({ number, accepted })}\n`);
}
