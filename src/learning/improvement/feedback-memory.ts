import type { Clock } from '../../foundation/core/clock.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { MemorySettings } from '../../serving/collections/schema.ts';
import type { RankingSignal, SignalContext, SignalScore } from '../../serving/search/ranking-signal.ts';
import { readClicks, readShowings } from '../feedback/feedback-queries.ts';
import { queryKeyOf } from '../feedback/query-key.ts';
import { boostOf, cellsOf } from './memory-cells.ts';
import {
  forgetMemories,
  keepMemoryStatistics,
  listMemories,
  lockMemory,
  type MemoryQuery,
  readForgottenAt,
  readNearMemories,
  writeMemory,
} from './memory-queries.ts';

export interface FeedbackMemoryOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settingsOf: (collectionId: number) => Promise<MemorySettings>;
  /** The vector by which queries are neighbours; null where a collection has no text encoder. */
  readonly encodeQuery: (collectionId: number, text: string) => Promise<{ space: string; vector: Float32Array } | null>;
}

/** Which clicks moved an item, as `explain` shows it. */
export interface MemoryExplanation {
  readonly from: ReadonlyArray<{
    readonly query: string;
    readonly similarity: number;
    readonly clicks: number;
    readonly expectedClicks: number;
    readonly boost: number;
  }>;
}

/** Showings of a query that count; older ones have mostly decayed. */
const MAX_SHOWINGS = 200;
const MAX_NEIGHBOURS = 32;

/**
 * Clicks act on the next search: each query remembers, per item, clicks against the clicks that its positions
 * would have brought anyway, and lends this to near queries with weight cos⁴. The state is a pure function of the
 * recorded searches and events of a query, so events may come late, twice or in any order.
 */
export class FeedbackMemory implements RankingSignal {
  readonly name = 'memory';
  readonly #options: FeedbackMemoryOptions;

  constructor(options: FeedbackMemoryOptions) {
    this.#options = options;
  }

  /** Rebuilds what these queries remember from the record. */
  async learn(collectionId: number, queryKeys: readonly string[]): Promise<void> {
    const settings = await this.#options.settingsOf(collectionId);
    for (const queryKey of queryKeys) await this.#learnQuery(collectionId, queryKey, settings);
    await keepMemoryStatistics(this.#options.db);
  }

  async score(context: SignalContext): Promise<ReadonlyMap<string, SignalScore>> {
    const settings = context.settings.memory;
    if (!settings.enabled || context.queryText === null) return new Map();
    const memories = await readNearMemories(this.#options.db, {
      collectionId: context.collectionId,
      queryKey: queryKeyOf(context.queryText),
      query: context.queryVector,
      minSimilarity: settings.minSimilarity,
      limit: MAX_NEIGHBOURS,
    });
    const from = new Map<string, Array<MemoryExplanation['from'][number]>>();
    const now = this.#options.clock.now().getTime();
    for (const memory of memories) {
      const decay = 0.5 ** (Math.max(0, now - memory.updatedAt.getTime()) / 86_400_000 / settings.halfLifeDays);
      for (const [itemId, stored] of Object.entries(memory.cells)) {
        const cell = { clicks: stored.clicks * decay, expected: stored.expected * decay };
        const boost = memory.similarity ** 4 * boostOf(cell, settings);
        const entry = {
          query: memory.text,
          similarity: memory.similarity,
          clicks: cell.clicks,
          expectedClicks: cell.expected,
          boost,
        };
        const entries = from.get(itemId);
        if (entries === undefined) from.set(itemId, [entry]);
        else entries.push(entry);
      }
    }
    const scores = new Map<string, SignalScore>();
    for (const [itemId, entries] of from) {
      const sum = entries.reduce((total, entry) => total + entry.boost, 0);
      const boost = Math.max(-settings.limit, Math.min(settings.limit, sum));
      scores.set(itemId, { boost, why: { from: entries } satisfies MemoryExplanation });
    }
    return scores;
  }

  /** Remembered queries, by key. */
  list(collectionId: number, after: string | null, limit: number): Promise<MemoryQuery[]> {
    return listMemories(this.#options.db, collectionId, after, limit);
  }

  /**
   * Forgets one query, or all of the collection; returns how many had something to forget. The record of searches
   * and events stays, but what lies before this moment does not count for memory any more.
   */
  forget(collectionId: number, query: string | null): Promise<number> {
    const { db, clock } = this.#options;
    return forgetMemories(db, collectionId, query === null ? null : queryKeyOf(query), clock.now());
  }

  async #learnQuery(collectionId: number, queryKey: string, settings: MemorySettings): Promise<void> {
    const { db, clock } = this.#options;
    const query = await this.#options.encodeQuery(collectionId, queryKey);
    // Read and write under one lock per query: of two learners at once, the later sees all that the earlier saw.
    await db.transaction().execute(async (transaction) => {
      await lockMemory(transaction, collectionId, queryKey);
      const now = clock.now();
      const since = await readForgottenAt(transaction, collectionId, queryKey);
      const searches = await readShowings(transaction, collectionId, queryKey, since, MAX_SHOWINGS);
      const clicks = await readClicks(
        transaction,
        searches.map((search) => search.id),
      );
      const cells = cellsOf(
        searches.map((search) => ({
          itemIds: search.itemIds,
          firstPosition: search.firstPosition,
          ageDays: (now.getTime() - search.at.getTime()) / 86_400_000,
          who: search.who,
          clicked: clicks.get(search.id) ?? new Set<string>(),
        })),
        settings,
      );
      await writeMemory(transaction, {
        collectionId,
        queryKey,
        space: query?.space ?? null,
        vector: query?.vector ?? null,
        cells,
        clicks: Object.values(cells).reduce((sum, cell) => sum + cell.clicks, 0),
        at: now,
      });
    });
  }
}
