import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Random } from '../../src/foundation/core/random.ts';
import { createStudio } from '../../src/studio.ts';

export interface IngestionRound {
  readonly acknowledged: number;
  /** Acknowledged events that are not there. */
  readonly lost: number;
  /** Events that are there but were never sent, or more often than once. */
  readonly doubled: number;
  /** Events that were counted as new although they were there, when everything was sent again. */
  readonly countedTwice: number;
  /** Queries whose clicks in memory differ from a count of the record, after learning came to rest. */
  readonly unlearned: number;
}

interface Event {
  readonly eventId: string;
  readonly searchId: string;
  readonly itemId: string;
  readonly type: string;
}

const BATCH = 25;
const SENDERS = 3;

/** Sends events while the server is killed; opens what is left, sends everything again, and compares. */
export async function ingestionRound(
  where: { readonly dataDirectory: string; readonly databaseUrl?: string | undefined },
  round: number,
  random: Random,
): Promise<IngestionRound> {
  const script = fileURLToPath(new URL('./ingesting-process.ts', import.meta.url));
  const arguments_ = [script, where.dataDirectory, ...(where.databaseUrl === undefined ? [] : [where.databaseUrl])];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, shown } = JSON.parse(line) as { url: string; shown: Array<{ searchId: string; items: string[] }> };
  const sent: Event[] = [];
  const acknowledged: string[] = [];
  let isDead = false;
  let armed = false;
  const send = async (sender: number): Promise<void> => {
    for (let batch = 0; !isDead; batch++) {
      const events = Array.from({ length: BATCH }, (_, offset) => {
        const page = shown[random.integer(shown.length)] as (typeof shown)[number];
        return {
          eventId: `${round}-${sender}-${batch}-${offset}`,
          searchId: page.searchId,
          itemId: page.items[random.integer(page.items.length)] as string,
          type: random.next() < 0.3 ? 'click' : 'impression',
        };
      });
      sent.push(...events);
      try {
        const answer = await fetch(`${url}/v1/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ events }),
        });
        if (!answer.ok) throw new Error(await answer.text());
        acknowledged.push(...events.map(({ eventId }) => eventId));
        if (!armed) setTimeout(() => child.kill('SIGKILL'), random.integer(1500));
        armed = true;
      } catch {
        // The server is dead: whether it took these is not known, which is why they have ids.
        isDead = true;
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
  await exited;

  const studio = await createStudio(where);
  try {
    const { db } = studio.database;
    const stored = async () => {
      const { rows } = await sql<{ id: string }>`select id from events where id like ${`${round}-%`}`.execute(db);
      return rows.map(({ id }) => id);
    };
    const there = await stored();
    const known = new Set(there);
    let accepted = 0;
    for (let start = 0; start < sent.length; start += 500) {
      accepted += (await studio.services.feedback.take(sent.slice(start, start + 500))).accepted;
    }
    const all = await stored();
    return {
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((id) => !known.has(id)).length,
      doubled: all.length - new Set(sent.map(({ eventId }) => eventId)).size,
      // A PostgreSQL server may still finish what the dead process had sent, after the first look: fewer are new then.
      countedTwice: Math.max(0, there.length + accepted - all.length),
      unlearned: await unlearned(studio),
    };
  } finally {
    await studio.close();
  }
}

/** Waits until nothing is due, then compares what memory counts with what the record says. */
async function unlearned({ database: { db } }: Awaited<ReturnType<typeof createStudio>>): Promise<number> {
  for (;;) {
    const due = await sql<{ due: boolean }>`
      select exists (select from memory_due) or exists (select from guard_due) as due`.execute(db);
    if (due.rows[0]?.due === false) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // Within a decay that minutes do not move: clicks of one client on one item count once.
  const { rows } = await sql<{ wrong: number }>`
    with record as (
      select s.collection_id, s.query_key, count(distinct (s.client, e.item_id)) as clicks
      from searches s join events e on e.search_id = s.id and e.type = 'click' join sessions v on v.id = s.visit
      where v.set_aside is null group by 1, 2
    )
    select count(*)::integer as wrong from record r left join memory_queries m using (collection_id, query_key)
    where abs(coalesce(m.clicks, 0) - r.clicks) > 0.01 * r.clicks`.execute(db);
  return rows[0]?.wrong ?? 0;
}
