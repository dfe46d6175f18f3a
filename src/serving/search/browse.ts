import type { Db } from '../../foundation/database/tables.ts';
import type { Collection } from '../collections/schema.ts';
import { writeCursor } from './cursor.ts';
import { countFacets } from './facets.ts';
import type { Page } from './page.ts';
import type { PreparedSearch } from './prepare-search.ts';
import { browseItems, countAtMost } from './search-queries.ts';
import { selectFields } from './select-fields.ts';

/** Counted exactly up to here; beyond it the total is a lower bound. */
const COUNT_UP_TO = 100_000;

/** Without a query: all items that pass the filter, in the asked order, else in the order of their arrival. */
export async function browse(db: Db, collection: Collection, prepared: PreparedSearch): Promise<Page> {
  const { request, condition, sort, limit, skipped, after } = prepared;
  const [rows, total, facets] = await Promise.all([
    browseItems(db, collection.id, condition, sort, after === undefined ? { skipped } : { after }, limit + 1),
    countAtMost(db, collection.id, condition, COUNT_UP_TO),
    prepared.facets.length === 0 ? undefined : countFacets(db, collection, prepared.facets, { condition }),
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    hits: shown.map((row, index) => ({
      id: row.id,
      position: skipped + index + 1,
      score: 0,
      payload: selectFields(row.payload, request.fields),
    })),
    total: { value: Math.min(total, COUNT_UP_TO), exact: total <= COUNT_UP_TO },
    ...(facets === undefined ? {} : { facets }),
    cursor:
      rows.length > limit && last !== undefined
        ? writeCursor(prepared.hash, {
            searchId: prepared.searchId,
            skipped: skipped + shown.length,
            after: last.place,
          })
        : null,
  };
}
