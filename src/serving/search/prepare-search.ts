import { StudioError } from '../../foundation/core/errors.ts';
import { newId } from '../../foundation/core/ids.ts';
import { createAnalyzer } from '../../foundation/core/text/analyzer.ts';
import type { Collection } from '../collections/schema.ts';
import { composeItem } from '../content/compose.ts';
import type { ItemCondition } from '../indexes/ports.ts';
import { readCursor, requestHash } from './cursor.ts';
import { type FacetRequest, parseFacets } from './facets.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { translateFilter } from './filter/translate-filter.ts';
import type { QueryPart, SearchRequest } from './request.ts';
import type { SearchRecorder } from './search-recorder.ts';
import { parseSort, type SortKey } from './sort.ts';
import { textOf, wordsOf } from './words.ts';

export const DEFAULT_LIMIT = 10;
export const MAX_LIMIT = 200;
/** Deepest hit that can be reached by paging: beyond it nobody looks, and every page costs all that lies before it. */
export const MAX_DEPTH = 10_000;
const MAX_QUERY_CHARACTERS = 4000;

/** A request with its meaning checked. */
export interface PreparedSearch {
  readonly request: SearchRequest;
  readonly hash: string;
  readonly condition: ItemCondition;
  readonly facets: readonly FacetRequest[];
  readonly sort: readonly SortKey[];
  readonly words: string;
  readonly textOf: (part: QueryPart) => string | null;
  readonly limit: number;
  /** Hits before this page. */
  readonly skipped: number;
  readonly firstPosition: number;
  /** Ranks that must be known to fill this page. */
  readonly depth: number;
  /** For browsing by cursor: the place of the last item. */
  readonly after: readonly unknown[] | undefined;
  /** The search that this page continues, with what it has shown. */
  readonly continued: { readonly searchId: string; readonly shown: ReadonlySet<string> } | null;
  /** Under which the search is recorded; null when it leaves no record. */
  readonly searchId: string | null;
}

export async function prepareSearch(
  collection: Collection,
  request: SearchRequest,
  recorder: SearchRecorder,
  now: Date,
): Promise<PreparedSearch> {
  const { fields, language } = collection;
  const { analyze } = createAnalyzer(language);
  const limit = request.limit ?? DEFAULT_LIMIT;
  if (limit > MAX_LIMIT)
    throw new StudioError('invalid_query', `A page has at most ${MAX_LIMIT} hits, not ${limit}.`, {
      hint: 'Page with nextCursor.',
    });
  const hash = requestHash(collection.name, request);
  const place = request.cursor === undefined ? null : readCursor(hash, request.cursor);
  const skipped = place?.skipped ?? request.offset ?? 0;
  if (skipped + limit > MAX_DEPTH && place?.after === undefined) {
    throw new StudioError('invalid_query', `Hits beyond the ${MAX_DEPTH}th cannot be reached.`, {
      hint: 'Narrow the search with a filter.',
    });
  }
  const scored = request.query.length > 0;
  const textOfPart = (part: QueryPart): string | null => textOf(part, (given) => composeItem(fields, given).text);
  const words = wordsOf(request.query, textOfPart);
  if (words.length > MAX_QUERY_CHARACTERS) {
    throw new StudioError(
      'invalid_query',
      `The query has ${words.length} characters; at most ${MAX_QUERY_CHARACTERS} are read.`,
      { hint: 'Shorten it.' },
    );
  }
  const continued = await continuedSearch(place?.searchId ?? null, recorder);
  return {
    request,
    hash,
    condition:
      request.filter === undefined
        ? undefined
        : translateFilter(parseFilter(request.filter, { fields, analyze }), fields),
    facets: parseFacets(request.facets, fields),
    sort: parseSort(request.sort, fields, scored),
    words,
    textOf: textOfPart,
    limit,
    skipped,
    firstPosition: skipped + 1,
    depth: skipped + limit + 1,
    after: place?.after,
    continued,
    searchId: request.record === false ? null : (continued?.searchId ?? newId(now)),
  };
}

async function continuedSearch(
  searchId: string | null,
  recorder: SearchRecorder,
): Promise<PreparedSearch['continued']> {
  if (searchId === null) return null;
  const shown = await recorder.shown(searchId);
  return shown === null ? null : { searchId, shown: new Set(shown.itemIds) };
}
