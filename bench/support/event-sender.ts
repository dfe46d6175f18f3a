/**
 * Sends batches of events to a server as fast as it answers, and says how many it took; a process of its own, so that
 * the client's work is not the server's.
 *   node event-sender.ts <url> <first> <events> <batch size> <connections> <searches file>
 */
import { readFile } from 'node:fs/promises';

const [url = '', first = '0', events = '0', size = '500', connections = '2', file = ''] = process.argv.slice(2);
const searches = JSON.parse(await readFile(file, 'utf8')) as Array<{ id: string; items: string[] }>;
const TYPES = ['impression', 'impression', 'impression', 'click', 'dwell'];

const batchAt = (start: number): string =>
  JSON.stringify({
    events: Array.from({ length: Number(size) }, (_, offset) => {
      const number = start + offset;
      const search = searches[(number * 7919) % searches.length] as (typeof searches)[number];
      return {
        eventId: `event ${number}`,
        searchId: search.id,
        itemId: search.items[number % search.items.length],
        type: TYPES[number % TYPES.length],
        value: number % 50,
        user: `shopper ${number % 1000}`,
      };
    }),
  });

const end = Number(first) + Number(events);
// Written beforehand: the server is measured, not this.
const bodies = Array.from({ length: Math.ceil(Number(events) / Number(size)) }, (_, index) =>
  batchAt(Number(first) + index * Number(size)),
);
let next = 0;
let accepted = 0;
const started = performance.now();
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      accepted += ((await answer.json()) as { accepted: number }).accepted;
    }
  }),
);
process.stdout.write(JSON.stringify({ accepted, milliseconds: performance.now() - started, end }));
