import type { Selectable } from 'kysely';
import { createAnalyzer } from '../../../foundation/core/text/analyzer.ts';
import type { Db, Tables } from '../../../foundation/database/tables.ts';
import type { Collection } from '../../collections/schema.ts';
import type { ItemCondition, LexicalHit, LexicalIndex, LexicalResult } from '../ports.ts';
import { bestDocuments } from './best-documents.ts';
import { idf } from './bm25.ts';
import { allPassing, countItemsByTerm, hasAnyTerm, passingOf } from './lexical-queries.ts';
import { blockOf } from './postings.ts';
import { type ScoredDocuments, scoreDocuments } from './score-documents.ts';
import { TermCache } from './term-cache.ts';

/** A query of more different terms than this is a document; its weightiest terms say what it is about. */
const MAX_QUERY_TERMS = 64;
/** The best items are looked up first: mostly enough of them pass, and all of a small number is the whole answer. */
const FIRST_LOOK = 400;
/** Without a filter only items fail that were deleted since the index followed the log. */
const SLACK = 50;

/**
 * The served view of a lexical index. Postings come packed from the database and are scored here; the filter is the
 * database's: the best items are looked up under it, and where too few pass, all items that pass are fetched. So the
 * list is that of BM25 over exactly the items that pass, and full whenever enough of them match.
 *
 * @example
 * const index = createLexicalIndex(db, { id: 7 }, { id: 1, language: 'english' });
 * await index.search({ text: 'running shoes', limit: 10 });
 */
export function createLexicalIndex(
  db: Db,
  row: Pick<Selectable<Tables['indexes']>, 'id'>,
  collection: Pick<Collection, 'id' | 'language'>,
): LexicalIndex {
  const { analyze } = createAnalyzer(collection.language);
  const cache = new TermCache(db, row.id);

  /** How often the query has each of its terms. */
  async function queryTerms(text: string): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const term of analyze(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
    if (counts.size <= MAX_QUERY_TERMS) return counts;
    const items = await countItemsByTerm(db, row.id, [...counts.keys()]);
    const total = Math.max(...items.values(), 0);
    return new Map(
      [...counts]
        .filter(([term]) => items.has(term))
        .map(([term, count]) => ({ term, count, weight: count * idf(total, items.get(term) as number) }))
        .sort((left, right) => right.weight - left.weight)
        .slice(0, MAX_QUERY_TERMS)
        .map(({ term, count }) => [term, count]),
    );
  }

  async function score(text: string, blocks?: ReadonlySet<number>): Promise<ScoredDocuments> {
    const counts = await queryTerms(text);
    if (counts.size === 0) return scoreDocuments(counts, new Map(), { items: 0, length: 0, version: 0 });
    const { statistics, postings } = await cache.read([...counts.keys()]);
    return scoreDocuments(counts, postings, statistics, blocks);
  }

  async function search(request: Parameters<LexicalIndex['search']>[0]): Promise<LexicalResult> {
    const { text, limit, condition, count = false } = request;
    const scored = await score(text);
    if (scored.count === 0) return { hits: [], matched: 0 };
    const best = bestDocuments(scored, condition === undefined ? limit + SLACK : Math.max(2 * limit, FIRST_LOOK));
    const passing = await passingOf(
      db,
      collection.id,
      best.map((hit) => hit.key),
      condition,
    );
    const hits = best.filter((hit) => passing.has(hit.key));
    const isWhole = best.length === scored.count;
    if (isWhole || (hits.length >= limit && !count)) {
      return { hits: hits.slice(0, limit), matched: isWhole ? hits.length : null };
    }
    return await searchAll(scored, limit, condition);
  }

  async function searchAll(scored: ScoredDocuments, limit: number, condition: ItemCondition): Promise<LexicalResult> {
    const passing = await allPassing(db, collection.id, condition);
    const hits: LexicalHit[] = bestDocuments(scored, limit, (key) => passing.has(key));
    let matched = 0;
    for (let at = 0; at < scored.count; at++) if (passing.has(scored.keys[at]!)) matched++;
    return { hits, matched };
  }

  return {
    search,

    async scores(text, keys): Promise<ReadonlyMap<number, number>> {
      const wanted = new Set(keys);
      if (wanted.size === 0) return new Map();
      const scored = await score(text, new Set(keys.map(blockOf)));
      const found = new Map<number, number>();
      for (let at = 0; at < scored.count; at++) {
        const key = scored.keys[at]!;
        if (wanted.has(key)) found.set(key, scored.scores[at]!);
      }
      return found;
    },

    matches: (text): NonNullable<ItemCondition> => hasAnyTerm(row.id, [...new Set(analyze(text))]),
  };
}
