import { type Attraction, exponentialAttraction } from '../../../learning/evaluation/simulator/attraction.ts';
import type { Client } from '../../sdk/client.ts';
import { UsageError } from '../failure.ts';

/** A query of a judgment set, as simulated visitors see the items. */
export interface JudgedQuery {
  readonly query: string;
  /** Attraction by item id, in [0, 1]; what is not judged attracts nobody. */
  readonly attraction: ReadonlyMap<string, number>;
}

const PAGE = 1000;

/** Reads a whole set; the best grade that it gives attracts everybody. Throws a `UsageError` for one that nobody could click on. */
export async function readJudgedQueries(client: Client, collection: string, set: string): Promise<JudgedQuery[]> {
  const grades = new Map<string, Map<string, number>>();
  let highest = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.listJudgments(collection, { set, cursor, limit: PAGE });
    for (const { query, itemId, grade } of page.judgments) {
      const items = grades.get(query) ?? new Map<string, number>();
      grades.set(query, items.set(itemId, grade));
      highest = Math.max(highest, grade);
    }
    cursor = page.nextCursor;
  }
  if (highest === 0) throw new UsageError(`No item of the set "${set}" has a grade above 0: nobody would click.`);
  const attractionOf: Attraction = exponentialAttraction(highest);
  return [...grades].map(([query, items]) => ({
    query,
    attraction: new Map([...items].map(([itemId, grade]) => [itemId, attractionOf(grade)])),
  }));
}
