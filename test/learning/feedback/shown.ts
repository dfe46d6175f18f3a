import { newId } from '../../../src/foundation/core/ids.ts';
import type { Collection } from '../../../src/serving/collections/schema.ts';
import type { ShownSearch } from '../../../src/serving/search/search-recorder.ts';

/** A search that showed these items, as the search service would hand it over. */
export function shownSearch(
  collection: Pick<Collection, 'id' | 'liveReleaseId'>,
  itemIds: readonly string[],
  over: Partial<ShownSearch> = {},
): ShownSearch {
  return {
    searchId: newId(),
    collectionId: collection.id,
    releaseId: collection.liveReleaseId as string,
    request: { query: [] },
    queryText: 'query',
    user: null,
    session: null,
    itemIds,
    scores: itemIds.map(() => 0),
    propensities: itemIds.map(() => 1),
    firstPosition: 1,
    continues: false,
    total: itemIds.length,
    tookMs: 1,
    at: new Date(),
    ...over,
  };
}
