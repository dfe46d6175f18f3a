import type { Clock } from '../../../foundation/core/clock.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Collection } from '../../../serving/collections/schema.ts';
import type { ShownSearch } from '../../../serving/search/search-recorder.ts';
import { insertSearches, readSearches } from '../feedback-queries.ts';
import type { Refusal } from '../refusals.ts';
import type { ForeignRefusal } from './read-values.ts';
import type { UbiSearch } from './ubi-queries.ts';

interface RecordContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly flushSearches: () => Promise<void>;
}

const DAY = 86_400_000;
const FUTURE_MILLISECONDS = 5 * 60_000;
/** Release of a search that another system answered, in a collection that has none of its own yet. */
const NO_RELEASE = '00000000-0000-0000-0000-000000000000';

/** Stores searches that are not recorded yet; refuses what lies in the future, is too old or is another collection's. */
export async function recordUbiSearches(
  { db, clock, flushSearches }: RecordContext,
  collection: Collection,
  searches: readonly UbiSearch[],
  acceptDays: number,
): Promise<{ readonly recorded: number; readonly refused: readonly ForeignRefusal[] }> {
  const now = clock.now();
  await flushSearches();
  const ids = searches.map((search) => search.searchId);
  const known = new Map((await readSearches(db, ids)).map((search) => [search.id, search.collectionId]));
  const refused: ForeignRefusal[] = [];
  const fresh: ShownSearch[] = [];
  for (const search of searches) {
    const fault = faultOf(search, known.get(search.searchId), collection, now, acceptDays);
    if (fault !== null) refused.push({ index: search.index, ...fault });
    else if (!known.has(search.searchId)) fresh.push(shownOf(search, collection, now));
  }
  if (fresh.length > 0) await insertSearches(db, fresh);
  return { recorded: fresh.length, refused };
}

export const QUERY_ELSEWHERE = {
  code: 'unknown_search',
  message: 'The "query_id" belongs to a search of another collection; send it to that one.',
} as const;

function faultOf(
  { at }: UbiSearch,
  knownIn: number | undefined,
  collection: Collection,
  now: Date,
  acceptDays: number,
): { readonly code: Refusal; readonly message: string } | null {
  if (knownIn !== undefined && knownIn !== collection.id) return QUERY_ELSEWHERE;
  if (at === null) return null;
  if (at.getTime() > now.getTime() + FUTURE_MILLISECONDS)
    return { code: 'in_the_future', message: 'The query lies more than five minutes in the future; check its clock.' };
  if (now.getTime() - at.getTime() > acceptDays * DAY)
    return {
      code: 'too_old',
      message: `The query is older than ${acceptDays} days; PATCH /v1/collections/:name/feedback with a larger acceptDays to take it.`,
    };
  return null;
}

const shownOf = (search: UbiSearch, collection: Collection, now: Date): ShownSearch => ({
  searchId: search.searchId,
  collectionId: collection.id,
  releaseId: collection.liveReleaseId ?? NO_RELEASE,
  request: { query: search.text === null ? [] : [{ text: search.text }], source: 'ubi' },
  queryText: search.text,
  user: null,
  session: search.session,
  itemIds: search.itemIds,
  scores: search.itemIds.map(() => 0),
  propensities: search.itemIds.map(() => 1),
  firstPosition: 1,
  continues: false,
  total: search.itemIds.length,
  tookMs: 0,
  at: search.at ?? now,
});
