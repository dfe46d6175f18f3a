import type { Db } from '../../foundation/database/tables.ts';
import type { MemorySettings } from '../../serving/collections/schema.ts';
import type { EventTypeSettings } from '../feedback/feedback-settings.ts';
import { type ClickSpread, NO_SPREAD, spreadOf } from './click-spread.ts';
import { keepWhatIsAsked, readActions, readShowingsOf, takeDueQueries, writeMemories } from './learning-queries.ts';
import { cellsOf, type MemoryCells } from './memory-cells.ts';

/** Showings of a query that count; older ones have mostly decayed. */
const MAX_SHOWINGS = 200;

export interface LearningOf {
  readonly collectionId: number;
  readonly queryKeys: readonly string[];
  /** By query; a query without one has no neighbours. */
  readonly vectors: ReadonlyMap<string, { readonly space: string; readonly vector: Float32Array }>;
  readonly settings: MemorySettings;
  readonly eventTypes: Readonly<Record<string, EventTypeSettings>>;
  readonly now: Date;
}

/** Rebuilds what some queries remember from the record, in one transaction of few statements however many they are. */
export async function learnQueries(db: Db, learning: LearningOf): Promise<void> {
  const { collectionId, vectors, now } = learning;
  await db.transaction().execute(async (transaction) => {
    // Read and write under one lock per query: of two learners at once, the later sees all that the earlier saw.
    // What comes from now on is not in what is read below, and makes the query due again.
    await takeDueQueries(transaction, collectionId, learning.queryKeys);
    const asked = await keepWhatIsAsked(transaction, collectionId, learning.queryKeys);
    const learned = await readLearned(transaction, learning, asked);
    const memories = asked.map((queryKey) => ({
      queryKey,
      space: vectors.get(queryKey)?.space ?? null,
      vector: vectors.get(queryKey)?.vector ?? null,
      ...(learned.get(queryKey) ?? NOTHING),
    }));
    await writeMemories(transaction, collectionId, memories, now);
  });
}

interface Learned {
  readonly cells: MemoryCells;
  readonly spread: ClickSpread;
}
const NOTHING: Learned = { cells: {}, spread: NO_SPREAD };

async function readLearned(
  db: Db,
  { collectionId, settings, eventTypes, now }: LearningOf,
  queryKeys: readonly string[],
): Promise<Map<string, Learned>> {
  const showings = await readShowingsOf(db, collectionId, queryKeys, MAX_SHOWINGS);
  const actions = await readActions(
    db,
    showings.map(({ searchId }) => searchId),
  );
  const byQuery = Map.groupBy(
    showings.map((showing) => ({
      ...showing,
      ageDays: (now.getTime() - showing.at.getTime()) / 86_400_000,
      acted: weightsOf(actions.get(showing.searchId), eventTypes),
    })),
    ({ queryKey }) => queryKey,
  );
  return new Map(
    [...byQuery].map(([queryKey, own]) => [
      queryKey,
      { cells: cellsOf(own, settings), spread: spreadOf(own, settings) },
    ]),
  );
}

/** The strongest thing done with each item: what speaks for it goes before what speaks against it. */
function weightsOf(
  actions: ReadonlyMap<string, readonly string[]> | undefined,
  eventTypes: Readonly<Record<string, EventTypeSettings>>,
): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [itemId, types] of actions ?? []) {
    const all = types.map((type) => eventTypes[type]?.weight ?? 0);
    const best = Math.max(...all);
    weights.set(itemId, best > 0 ? best : Math.min(...all));
  }
  return weights;
}
