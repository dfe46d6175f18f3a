import { sql } from 'kysely';
import { newId } from '../../src/foundation/core/ids.ts';
import type { Collection } from '../../src/serving/collections/schema.ts';
import type { Studio } from '../../src/studio.ts';
import type { Rating } from './movies.ts';

const DAY = 86_400_000;
/** Hits of one recorded search. */
const PAGE = 100;
const MAX_EVENTS = 1000;

/**
 * Each user's ratings as searches that showed the movies and as events: a like from 4 stars, a dislike up to 2, a click
 * between. A user's newest rating was an hour ago, because people rated in different years. Returns how many events.
 */
export async function recordRatings(
  { database: { db }, services }: Studio,
  collection: Collection,
  users: ReadonlyArray<{ readonly name: string; readonly history: readonly Rating[] }>,
  now: Date,
): Promise<number> {
  const searches: object[] = [];
  const events: Array<Parameters<typeof services.feedback.take>[0][number]> = [];
  for (const { name, history } of users) {
    const newest = history.at(-1)?.at ?? 0;
    const momentOf = ({ at }: Rating) => now.getTime() - 3_600_000 - (newest - at) * 1000;
    const recent = history.filter((rating) => momentOf(rating) > now.getTime() - 3600 * DAY);
    for (let from = 0; from < recent.length; from += PAGE) {
      const shown = recent.slice(from, from + PAGE);
      const id = newId();
      searches.push({
        id,
        user_id: name,
        item_ids: shown.map(({ movie }) => movie),
        at: new Date(momentOf(shown[0]!)).toISOString(),
      });
      for (const rating of shown) {
        const type = rating.stars >= 4 ? 'like' : rating.stars <= 2 ? 'dislike' : 'click';
        events.push({
          searchId: id,
          itemId: rating.movie,
          type,
          user: name,
          at: new Date(momentOf(rating)).toISOString(),
        });
      }
    }
  }
  await sql`
    insert into searches (id, collection_id, release_id, request, user_id, item_ids, scores, propensities, first_position, total, took_ms, at)
    select id, ${collection.id}, ${collection.liveReleaseId}, '{}'::jsonb, user_id, item_ids, array_fill(0, array[cardinality(item_ids)]),
      array_fill(1, array[cardinality(item_ids)]), 1, cardinality(item_ids), 1, at
    from jsonb_to_recordset(${JSON.stringify(searches)}::jsonb) as s (id uuid, user_id text, item_ids text[], at timestamptz)`.execute(
    db,
  );
  let accepted = 0;
  for (let from = 0; from < events.length; from += MAX_EVENTS) {
    const taken = await services.feedback.take(events.slice(from, from + MAX_EVENTS));
    if (taken.rejected[0] !== undefined) throw new Error(`An event was refused: ${taken.rejected[0].message}`);
    accepted += taken.accepted;
  }
  return accepted;
}
