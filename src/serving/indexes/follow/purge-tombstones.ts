import type { Db } from '../../../foundation/database/tables.ts';
import { lockCollection } from '../../collections/collections-queries.ts';
import { hasPassedTombstones, purgeTombstones, readLowestApplied } from './follow-queries.ts';

const CHUNK = 500;

/** Removes the tombstones of a collection that all of its indexes have passed; returns how many. */
export async function purgePassed(db: Db, collectionId: number): Promise<number> {
  let total = 0;
  for (;;) {
    const passed = (await readLowestApplied(db, collectionId)) ?? Number.MAX_SAFE_INTEGER;
    if (!(await hasPassedTombstones(db, collectionId, passed))) return total;
    total += await db.transaction().execute(async (transaction) => {
      // Under the writers' lock, or a tombstone could go between a writer's look at it and its revival.
      if ((await lockCollection(transaction, { id: collectionId })) === null) return 0;
      // Looked up again: an index that was added meanwhile has passed nothing.
      const now = (await readLowestApplied(transaction, collectionId)) ?? Number.MAX_SAFE_INTEGER;
      return await purgeTombstones(transaction, collectionId, now, CHUNK);
    });
  }
}
