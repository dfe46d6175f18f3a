import { type ForeignRefusal, MAX_ID, momentOf, objectOf, searchIdOf, textOf } from './read-values.ts';
import type { UbiEvent } from './ubi-events.ts';

/** A search as `ubi_queries` tells it: documents of one query_id are one search. */
export interface UbiSearch {
  /** Place of the first document of this search. */
  readonly index: number;
  readonly searchId: string;
  readonly text: string | null;
  /** The client_id: a browser, not a person. */
  readonly session: string | null;
  /** In the order shown; empty when no document says. */
  readonly itemIds: readonly string[];
  /** Null when no document says. */
  readonly at: Date | null;
}

const MAX_TEXT = 10_000;
const MAX_SHOWN = 1000;

/**
 * Reads `ubi_queries` documents (User Behavior Insights 1.x) of a collection. A server may log several documents for
 * one query_id, most of them without hits (for facets, say): the longest list is what was shown.
 */
export function readUbiQueries(
  collection: string,
  documents: readonly unknown[],
): { readonly searches: UbiSearch[]; readonly refused: ForeignRefusal[] } {
  const searches = new Map<string, UbiSearch>();
  const refused: ForeignRefusal[] = [];
  documents.forEach((document, index) => {
    const read = readQuery(collection, objectOf(document), index);
    const known = 'code' in read ? undefined : searches.get(read.searchId);
    if ('code' in read) refused.push(read);
    else searches.set(read.searchId, known === undefined ? read : merged(known, read));
  });
  return { searches: [...searches.values()], refused };
}

function readQuery(collection: string, document: Readonly<Record<string, unknown>>, index: number) {
  const refuse = (message: string): ForeignRefusal => ({ index, code: 'malformed', message });
  const queryId = textOf(document.query_id, MAX_ID);
  if (queryId === null) return refuse(`"query_id" must be a text of 1 to ${MAX_ID} characters.`);
  const { user_query: query, query_response_hit_ids: hits, timestamp } = document;
  const text = textOf(query, MAX_TEXT);
  if (text === null && query !== undefined && query !== null && query !== '')
    return refuse(`"user_query" must be a text of at most ${MAX_TEXT} characters.`);
  const at = momentOf(timestamp);
  if (at === null && timestamp !== undefined && timestamp !== null)
    return refuse('"timestamp" must be ISO 8601 or milliseconds since 1970.');
  const itemIds = Array.isArray(hits) ? hits.map((id) => textOf(id, MAX_ID)) : [];
  if (itemIds.includes(null) || itemIds.length > MAX_SHOWN)
    return refuse(`"query_response_hit_ids" must be at most ${MAX_SHOWN} ids of 1 to ${MAX_ID} characters.`);
  const search: UbiSearch = {
    index,
    searchId: searchIdOf(collection, queryId),
    text,
    session: textOf(document.client_id, MAX_ID),
    itemIds: [...new Set(itemIds as string[])],
    at,
  };
  return search;
}

function merged(first: UbiSearch, second: UbiSearch): UbiSearch {
  const shown = second.itemIds.length > first.itemIds.length ? second : first;
  const moments = [first.at, second.at].filter((at) => at !== null).map((at) => at.getTime());
  return {
    ...first,
    text: shown.text ?? first.text ?? second.text,
    session: first.session ?? second.session,
    itemIds: shown.itemIds,
    at: moments.length === 0 ? null : new Date(Math.min(...moments)),
  };
}

/**
 * A search whose documents do not say what it showed has shown what its events are about, by their ordinals. Gaps
 * close up: what stood there is not known.
 */
export function withShownItems(searches: readonly UbiSearch[], events: readonly UbiEvent[]): UbiSearch[] {
  const bySearch = Map.groupBy(events, ({ input }) => input.searchId);
  return searches.map((search) => {
    if (search.itemIds.length > 0) return search;
    const own = (bySearch.get(search.searchId) ?? []).toSorted(
      (left, right) => (left.ordinal ?? Number.MAX_VALUE) - (right.ordinal ?? Number.MAX_VALUE),
    );
    return { ...search, itemIds: [...new Set(own.map(({ input }) => input.itemId))].slice(0, MAX_SHOWN) };
  });
}
