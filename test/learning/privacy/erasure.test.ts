import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/foundation/core/ids.ts';
import { writeDump } from '../../../src/foundation/database/dump/write-dump.ts';
import type { ErasureReceipt } from '../../../src/learning/privacy/erasure-receipt.ts';
import { modelsNaming, readModelLineages } from '../../../src/learning/privacy/model-lineages.ts';
import type { Studio } from '../../../src/studio.ts';
import { DATABASES, studioOpener } from '../../support/open-temporary-studio.ts';

const USER = 'erika-mustermann-4711';
const OTHERS = ['other-one', 'other-two'];
/** Nobody else asks these. */
const OWN_QUERIES = ['zebra-striped wardrobe', 'wardrobe for my flat in 12 Elm Street'];
const SHARED_QUERY = 'wooden chair';
const SESSIONS = ['session-of-erika-1', 'session-of-erika-2'];
const FIELDS = { name: { type: 'text', embed: true, lexical: true } } as const;
const ITEMS = ['wooden chair', 'oak table', 'wardrobe', 'lamp'].map((name, index) => ({ id: `item-${index}`, name }));

describe.each(DATABASES)('erasure (%s)', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  let folder: string;
  let before: Record<string, unknown>;
  let receipt: ErasureReceipt;
  const batch = newId();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'erasure-'));
    studio = await open();
    for (const name of ['shop', 'archive']) {
      await studio.services.collections.put(name, { fields: FIELDS });
      const { sequence } = await studio.services.items.upsert(name, ITEMS);
      await studio.services.items.waitIndexed(name, sequence, 30);
      await traffic(name);
    }
    const { db } = studio.database;
    await sql`insert into judgments (collection_id, set_name, query_key, query, item_id, grade, weight, provenance, at)
      select c.id, given.set_name, lower(given.query), given.query, 'item-0', 2, 1, given.provenance, now()
      from collections c, (values ('clicks', ${SHARED_QUERY}, 'clicks:position-based'), ('clicks', ${OWN_QUERIES[0]}, 'clicks:position-based'),
        ('team', ${`${OWN_QUERIES[1]} as rated`}, ${`rating:${USER}`}), ('team', ${SHARED_QUERY}, 'rating:other-one'),
        ('old', 'imported query', 'import:csv')) as given (set_name, query, provenance) where c.name = 'shop'`.execute(
      db,
    );
    await sql`update sessions set batch_id = ${batch}::uuid
      where client in (${`user ${USER}`}, 'user other-one') and collection_id = (select id from collections where name = 'shop')`.execute(
      db,
    );
    // What the guards still have to look at.
    await sql`insert into guard_due (collection_id, client) select id, ${`user ${USER}`} from collections on conflict do nothing`.execute(
      db,
    );
    await mkdir(join(folder, 'models/tuned'), { recursive: true });
    await writeFile(
      join(folder, 'models/tuned/card.json'),
      JSON.stringify({ lineage: { data: { batches: [batch] } } }),
    );
    for (const name of ['shop', 'archive']) {
      const { id } = await studio.services.collections.get(name);
      expect((await studio.services.profiles.show(id, USER))?.items.length).toBeGreaterThan(0);
    }
    before = await dataOfOthers(studio);
    receipt = await studio.services.privacy.erase(USER);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Everybody searches and clicks; the user also clicks in a search of another. */
  async function traffic(name: string): Promise<void> {
    const { services } = studio;
    const ask = async (text: string, user: string, session: string) => {
      const { searchId, hits } = await services.search.search(name, { query: [{ text }], user, session, limit: 4 });
      return { searchId: searchId as string, itemId: hits[0]?.id as string };
    };
    const click = (shown: { searchId: string; itemId: string }, user: string) =>
      services.feedback.take([
        { ...shown, type: 'click', user, eventId: `${user}-${newId()}`, value: 1 },
        { ...shown, type: 'purchase', user, value: 99.5 },
      ]);
    for (const [index, text] of [...OWN_QUERIES, SHARED_QUERY].entries())
      await click(await ask(text, USER, SESSIONS[index % 2] as string), USER);
    for (const user of OTHERS) {
      await click(await ask(SHARED_QUERY, user, `session-of-${user}`), user);
      await click(await ask('oak table', user, `session-of-${user}`), user);
    }
    await click(await ask('lamp', 'other-two', 'session-of-other-two'), USER);
  }

  it('leaves no trace of the user in any table', async () => {
    const file = join(folder, 'whole.gz');
    await writeDump(studio.database.db, file, { productVersion: '0', now: new Date() });
    const dump = gunzipSync(await readFile(file)).toString();
    for (const trace of [USER, ...OWN_QUERIES, ...SESSIONS]) expect(dump).not.toContain(trace);
    // The same look finds those who are still there.
    for (const trace of [...OTHERS, SHARED_QUERY, 'session-of-other-one']) expect(dump).toContain(trace);
  });

  it('leaves the data of others as it was', async () => {
    expect(await dataOfOthers(studio)).toEqual(before);
  });

  it('says what it did, and not of whom', () => {
    expect(receipt).toMatchObject({
      complete: true,
      collections: [
        {
          name: 'archive',
          searches: 3,
          events: 8,
          sessions: 1,
          profiles: 1,
          memory: { relearned: 2, dropped: 2 },
          judgments: { deleted: 0, recompute: [] },
          batches: [],
        },
        {
          name: 'shop',
          searches: 3,
          events: 8,
          sessions: 1,
          profiles: 1,
          memory: { relearned: 2, dropped: 2 },
          judgments: { deleted: 2, recompute: ['clicks'] },
          batches: [batch],
        },
      ],
    });
    expect(JSON.stringify(receipt)).not.toContain('erika');
  });

  it('learns what others asked too from what remains', async () => {
    const { id } = await studio.services.collections.get('shop');
    const memories = await studio.services.memory.list(id, null, 100);
    expect(memories.map(({ queryKey, clicks }) => [queryKey, Math.round(clicks)])).toEqual([
      ['oak table', 6],
      ['wooden chair', 6],
    ]);
    const clients = await sql<{ client: string }>`
      select distinct client from searches where query_key = ${SHARED_QUERY} order by 1`.execute(studio.database.db);
    expect(clients.rows).toEqual(OTHERS.map((user) => ({ client: `user ${user}` })).sort());
  });

  it('finds nothing the second time, and lists both receipts', async () => {
    const second = await studio.services.privacy.erase(USER);
    expect(second).toMatchObject({ complete: true, collections: [], models: [] });
    const { erasures, nextCursor } = await studio.services.privacy.receipts({ limit: 1 });
    expect([erasures, typeof nextCursor]).toEqual([[second], 'string']);
    const rest = await studio.services.privacy.receipts({ limit: 1, cursor: nextCursor ?? '' });
    expect(rest).toEqual({ erasures: [receipt], nextCursor: null });
  });

  it('refuses events that arrive later for a search of the user', async () => {
    const { searchId, hits } = await studio.services.search.search('shop', { query: [{ text: 'lamp' }], user: USER });
    await studio.services.privacy.erase(USER);
    const late = { searchId: searchId as string, itemId: hits[0]?.id as string, type: 'click', user: USER };
    expect((await studio.services.feedback.take([late])).rejected).toMatchObject([{ code: 'unknown_search' }]);
    expect((await studio.services.privacy.export(USER, { limit: 10 })).events).toEqual([]);
  });

  it('goes on where an interrupted one has stopped', async () => {
    const { db } = studio.database;
    for (let i = 0; i < 3; i++)
      await studio.services.search.search('shop', {
        query: [{ text: `last words ${i}` }],
        user: USER,
        session: SESSIONS[0],
      });
    await studio.services.privacy.export(USER, { limit: 1 });
    // What a process that died after its first transaction leaves.
    await sql`delete from searches where user_id = ${USER} and query_key = 'last words 0'`.execute(db);
    await studio.services.privacy.erase(USER);
    const { rows } = await sql`select from searches where user_id = ${USER}`.execute(db);
    expect(rows).toEqual([]);
  });

  it('names the models that learned from what was erased', async () => {
    const lineages = await readModelLineages({ folder: join(folder, 'models'), models: studio.models });
    expect(modelsNaming([batch], lineages)).toEqual(['tuned']);
    expect(modelsNaming([newId()], lineages)).toEqual([]);
  });
});

/** Rows that do not concern the user, as text; memory, which is learned again, is compared elsewhere. */
async function dataOfOthers({ database: { db } }: Studio): Promise<Record<string, unknown>> {
  const searches = await sql`select * from searches where user_id <> ${USER} order by id`.execute(db);
  const events = await sql`
    select e.* from events e join searches s on s.id = e.search_id where e.user_id <> ${USER} and s.user_id <> ${USER} order by e.id`.execute(
    db,
  );
  const sessions = await sql`select * from sessions where client <> ${`user ${USER}`} order by id`.execute(db);
  const judgments = await sql`
    select * from judgments where provenance <> ${`rating:${USER}`} and query_key <> ${OWN_QUERIES[0]} order by set_name, query_key`.execute(
    db,
  );
  return { searches: searches.rows, events: events.rows, sessions: sessions.rows, judgments: judgments.rows };
}
