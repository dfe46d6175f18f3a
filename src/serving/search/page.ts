import { createAnalyzer } from '../../foundation/core/text/analyzer.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { readPath } from '../collections/payload-paths.ts';
import type { Collection, Payload } from '../collections/schema.ts';
import type { RankedItem } from './apply-signals.ts';
import { writeCursor } from './cursor.ts';
import { explore, isExplored, type Placed, randomOf } from './explore.ts';
import { countFacets } from './facets.ts';
import { type Highlight, highlight } from './highlight.ts';
import type { LiveRelease } from './live-release.ts';
import type { PreparedSearch } from './prepare-search.ts';
import type { ScoreExplanation, SearchHit } from './request.ts';
import { orderKeys, readPage } from './search-queries.ts';
import { selectFields } from './select-fields.ts';
import { isSearchedByWord } from './words.ts';

/** What a search answers, before it is recorded. */
export interface Page {
  readonly hits: readonly SearchHit[];
  readonly total: { readonly value: number; readonly exact: boolean };
  readonly facets?: Readonly<Record<string, unknown>>;
  /** Chance of each hit to stand where it stands; 1 each when left out. */
  readonly propensities?: readonly number[];
  /** The next page's cursor; null at the end. */
  readonly cursor: string | null;
}

/** Cuts the page out of a ranking and dresses its hits. */
export async function toPage(
  db: Db,
  collection: Collection,
  release: LiveRelease,
  prepared: PreparedSearch,
  ranked: readonly RankedItem[],
  /** Weight of the lexical score, and whether the ranking has all that matches. */
  made: { readonly weight: number; readonly complete: boolean },
): Promise<Page> {
  const { limit, skipped, continued, sort } = prepared;
  const byKey = new Map(ranked.map((entry) => [entry.key, entry]));
  const order = sort.length === 0 ? [...byKey.keys()] : await orderKeys(db, collection.id, ranked, sort);
  const { exploration } = release.ranking;
  const placed = isExplored(exploration, prepared)
    ? explore(order, limit, exploration, randomOf(prepared.searchId as string))
    : null;
  // A later page of a recorded search leaves out what was shown, so that hits moved by new clicks neither repeat nor vanish.
  const reach =
    placed?.map(({ item }) => item) ??
    (continued === null ? order.slice(skipped, skipped + limit) : order.slice(0, skipped + limit));
  const [rows, facets] = await Promise.all([
    readPage(db, collection.id, reach),
    prepared.facets.length === 0
      ? undefined
      : countFacets(db, collection, prepared.facets, { keys: [...byKey.keys()] }),
  ]);
  const unshown = reach
    .flatMap((key) => rows.get(key) ?? [])
    .filter((row) => continued === null || !continued.shown.has(row.id));
  const shown = unshown.slice(0, limit);
  // Not by number: what was shown may have been deleted since, and then fewer are left than positions.
  const goesOn = shown.length > 0 && (unshown.length > limit || order.length > skipped + limit);
  const dress = dresser(collection, release, prepared, made.weight);
  const placeOf = new Map(placed?.map((place) => [place.item, place]));
  const hits = shown.map((row, index) =>
    dress(row, byKey.get(row.key) as RankedItem, skipped + index + 1, placeOf.get(row.key)),
  );
  return {
    hits,
    total: { value: ranked.length, exact: made.complete },
    ...(facets === undefined ? {} : { facets }),
    ...(placed === null ? {} : { propensities: shown.map((row) => placeOf.get(row.key)?.propensity ?? 1) }),
    cursor: goesOn ? writeCursor(prepared.hash, { searchId: prepared.searchId, skipped: skipped + hits.length }) : null,
  };
}

/** Makes hits: selected fields, parts, marks and the explanation, as asked. */
export function dresser(
  collection: Collection,
  release: LiveRelease,
  { request, words, skipped: _ }: Pick<PreparedSearch, 'request' | 'words' | 'skipped'>,
  weight: number,
): (
  row: { readonly id: string; readonly payload: Payload },
  entry: RankedItem,
  position: number,
  place?: Placed<number>,
) => SearchHit {
  const analyzer = createAnalyzer(collection.language);
  const terms = new Set(request.highlight === true ? analyzer.analyze(words) : []);
  const split = collection.parts.split.kind !== 'none';
  return (row, entry, position, place) => ({
    id: row.id,
    position,
    score: entry.score,
    payload: selectFields(row.payload, request.fields),
    ...(split && entry.vector !== null ? { parts: [entry.vector.hit.part] } : {}),
    ...(terms.size === 0
      ? {}
      : { highlights: highlightsOf(row.payload, collection, (text) => highlight(text, terms, analyzer)) }),
    ...(request.explain === true ? { explain: explain(entry, weight, release.id, position, place) } : {}),
  });
}

function highlightsOf(
  payload: Payload,
  collection: Collection,
  mark: (text: string) => Highlight | null,
): Record<string, Highlight> {
  return Object.fromEntries(
    Object.entries(collection.fields).flatMap(([name, field]) => {
      if (!isSearchedByWord(field)) return [];
      const value = readPath(payload, name);
      const text = Array.isArray(value) ? value.join(', ') : value;
      const marked = typeof text === 'string' ? mark(text) : null;
      return marked === null ? [] : [[name, marked]];
    }),
  );
}

function explain(
  entry: RankedItem,
  weight: number,
  release: string,
  position: number,
  place: Placed<number> | undefined,
): ScoreExplanation {
  const { lexical, vector } = entry;
  return {
    lexical: lexical === null ? null : { ...lexical, weight },
    vector:
      vector === null
        ? null
        : {
            similarity: vector.hit.similarity,
            normalized: vector.normalized,
            weight: 1 - weight,
            space: vector.space,
            model: vector.model,
          },
    fused: entry.fused,
    signals: entry.signals,
    score: entry.score,
    release,
    ...(place === undefined || place.rank === position
      ? {}
      : { exploration: { rank: place.rank, propensity: place.propensity } }),
  };
}
