import type { Clock } from '../../foundation/core/clock.ts';
import { newId } from '../../foundation/core/ids.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { lockSessions } from '../feedback/sessions/sessions-queries.ts';
import {
  batchesOfSearches,
  clickSetsWith,
  deleteClickJudgments,
  deleteEventsOfUser,
  deleteProfiles,
  deleteRatings,
  deleteSearches,
  deleteSessions,
  lockSearchesOfUser,
  writeReceipt,
} from './erasure-queries.ts';
import { type ErasureReceipt, ErasureTally } from './erasure-receipt.ts';
import { type ModelLineage, modelsNaming } from './model-lineages.ts';
import { unlearn } from './unlearn.ts';

export interface ErasureOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Makes searches answered before this moment readable. */
  readonly flushSearches: () => Promise<void>;
  /** Learns these queries anew from the record. */
  readonly learn: (collectionId: number, queryKeys: readonly string[]) => Promise<void>;
  readonly lineages: () => Promise<readonly ModelLineage[]>;
  /** Deletes snapshots of training data that hold one of these queries; returns their hashes. */
  readonly eraseSnapshots: (queryKeys: readonly string[]) => Promise<readonly string[]>;
}

/** Rows deleted in one transaction. */
const CHUNK = 200;

/** Queries to be learned again, by collection. */
type Relearn = Map<number, readonly string[]>;

/**
 * Deletes everything that is kept about a user: searches, events, sessions, what was learned of queries that nobody else
 * asked, profiles and ratings. Whatever others have asked too is learned again from what remains. Interrupted, it has done a part:
 * calling it again does the rest, and a call that finds nothing says so.
 *
 * @example
 * const { collections } = await eraseUser(options, 'user-17');
 */
export async function eraseUser(options: ErasureOptions, user: string): Promise<ErasureReceipt> {
  const { db, clock } = options;
  await options.flushSearches();
  const collections = await db.selectFrom('collections').select(['id', 'name']).execute();
  const tally = new ErasureTally(new Map(collections.map(({ id, name }) => [id, name])));
  const now = clock.now();
  const head = { erasureId: newId(now), at: now.toISOString() };
  /** Every transaction leaves a receipt of what has been done so far. */
  const chunk = async (work: (transaction: Db, relearn: Relearn) => Promise<number>): Promise<number> => {
    const relearn: Relearn = new Map();
    const done = await db.transaction().execute(async (transaction) => {
      const count = await work(transaction, relearn);
      if (count > 0) await writeReceipt(transaction, tally.receipt({ ...head, complete: false, models: [] }));
      return count;
    });
    for (const [collectionId, queryKeys] of relearn) {
      await options.learn(collectionId, queryKeys);
      tally.of(collectionId).memory.relearned += queryKeys.length;
    }
    return done;
  };

  const erased: string[] = [];
  const eraseSome = (transaction: Db, relearn: Relearn) =>
    eraseSearches(transaction, user, { tally, relearn, erased, eraseSnapshots: options.eraseSnapshots });
  while ((await chunk(eraseSome)) > 0);
  while ((await chunk((transaction, relearn) => eraseEvents(transaction, user, tally, relearn))) > 0);
  for (const { id } of collections)
    while ((await chunk((transaction) => eraseSessions(transaction, id, user, tally))) > 0);
  await chunk(async (transaction) => {
    const deleted = await deleteRatings(transaction, `rating:${user}`);
    for (const { collection_id, count } of deleted) tally.of(collection_id).judgments.deleted += count;
    return deleted.length;
  });

  // Whoever stored events while their search was being deleted held it until they were stored; nobody can any more.
  await db.deleteFrom('guard_due').where('client', '=', `user ${user}`).execute();
  for (let from = 0; from < erased.length; from += CHUNK) {
    for (const { collection_id, events } of await deleteSearches(db, erased.slice(from, from + CHUNK)))
      tally.of(collection_id).events += events;
  }
  await chunk(async (transaction) => {
    const deleted = await deleteProfiles(transaction, user);
    for (const { collection_id, count } of deleted) tally.of(collection_id).profiles += count;
    return deleted.length;
  });

  const sources = [...tally.batches(), ...tally.snapshots];
  const models = sources.length === 0 ? [] : modelsNaming(sources, await options.lineages());
  const receipt = tally.receipt({ ...head, complete: true, models });
  await writeReceipt(db, receipt);
  return receipt;
}

async function eraseSearches(
  transaction: Db,
  user: string,
  {
    tally,
    relearn,
    erased,
    eraseSnapshots,
  }: Pick<ErasureOptions, 'eraseSnapshots'> & { tally: ErasureTally; relearn: Relearn; erased: string[] },
): Promise<number> {
  const searches = await lockSearchesOfUser(transaction, user, CHUNK);
  if (searches.length === 0) return 0;
  const ids = searches.map(({ id }) => id);
  erased.push(...ids);
  for (const { collection_id, batch_id } of await batchesOfSearches(transaction, ids))
    tally.of(collection_id).batches.add(batch_id);
  for (const { collection_id, events } of await deleteSearches(transaction, ids))
    tally.of(collection_id).events += events;
  for (const [collectionId, own] of Map.groupBy(searches, (search) => search.collection_id)) {
    const counts = tally.of(collectionId);
    counts.searches += own.length;
    const queryKeys = own.flatMap(({ query_key }) => query_key ?? []);
    const { relearn: again, dropped, gone } = await unlearn(transaction, collectionId, queryKeys);
    relearn.set(collectionId, again);
    counts.memory.dropped += dropped;
    // Before the searches are gone for good: whoever calls again after a crash would not know these queries any more.
    for (const hash of await eraseSnapshots(gone)) tally.snapshots.add(hash);
    counts.judgments.deleted += await deleteClickJudgments(transaction, collectionId, gone);
    for (const set of await clickSetsWith(transaction, collectionId, queryKeys)) counts.judgments.recompute.add(set);
  }
  return searches.length;
}

/** What the user did with searches of others. */
async function eraseEvents(transaction: Db, user: string, tally: ErasureTally, relearn: Relearn): Promise<number> {
  const events = await deleteEventsOfUser(transaction, user, CHUNK);
  const searchIds = [...new Set(events.map((event) => event.search_id))];
  for (const { collection_id, batch_id } of await batchesOfSearches(transaction, searchIds))
    tally.of(collection_id).batches.add(batch_id);
  for (const [collectionId, own] of Map.groupBy(events, (event) => event.collection_id)) {
    const counts = tally.of(collectionId);
    counts.events += own.length;
    const queryKeys = own.flatMap(({ query_key }) => query_key ?? []);
    const { relearn: again, dropped } = await unlearn(transaction, collectionId, queryKeys);
    relearn.set(collectionId, again);
    counts.memory.dropped += dropped;
    for (const set of await clickSetsWith(transaction, collectionId, queryKeys)) counts.judgments.recompute.add(set);
  }
  return events.length;
}

async function eraseSessions(
  transaction: Db,
  collectionId: number,
  user: string,
  tally: ErasureTally,
): Promise<number> {
  // Whoever sorts searches into sessions may have read them before they were deleted.
  await lockSessions(transaction, collectionId);
  const sessions = await deleteSessions(transaction, collectionId, `user ${user}`, CHUNK);
  if (sessions.length === 0) return 0;
  const counts = tally.of(collectionId);
  counts.sessions += sessions.length;
  for (const { batch_id } of sessions) if (batch_id !== null) counts.batches.add(batch_id);
  return sessions.length;
}
