import type { Clock } from '../../foundation/core/clock.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { MemorySettings } from '../../serving/collections/schema.ts';
import type { RankingSignal, SignalContext, SignalScore } from '../../serving/search/ranking-signal.ts';
import type { EventTypeSettings } from '../feedback/feedback-settings.ts';
import { queryKeyOf } from '../feedback/query-key.ts';
import { askedByEnough } from '../privacy/anonymity.ts';
import { priorFor } from './click-spread.ts';
import { learnQueries } from './learn-queries.ts';
import { boostOf } from './memory-cells.ts';
import {
  forgetMemories,
  keepMemoryStatistics,
  listMemories,
  type MemoryPage,
  type MemoryQuery,
  type NewestMemories,
  pageOfMemories,
  readNearMemories,
  readNewestMemories,
} from './memory-queries.ts';
import { reencodeMemories } from './reencode-memories.ts';

export interface FeedbackMemoryOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settingsOf: (collectionId: number) => Promise<MemorySettings>;
  /** So many clients must have asked a query before others see its text. */
  readonly anonymityOf: (collectionId: number) => Promise<number>;
  readonly eventTypesOf: (collectionId: number) => Promise<Readonly<Record<string, EventTypeSettings>>>;
  /** The vectors by which queries are neighbours, by text; none where a collection has no text encoder. */
  readonly encodeQueries: (
    collectionId: number,
    texts: readonly string[],
  ) => Promise<ReadonlyMap<string, { readonly space: string; readonly vector: Float32Array }>>;
}

/** Which clicks moved an item, as `explain` shows it. */
export interface MemoryExplanation {
  readonly from: ReadonlyArray<{
    /** null for another query that too few have asked for its text to be shown. */
    readonly query: string | null;
    readonly similarity: number;
    readonly clicks: number;
    readonly expectedClicks: number;
    readonly boost: number;
  }>;
}

/** Queries learned in one transaction. */
const AT_ONCE = 20;
const MAX_NEIGHBOURS = 32;
/** How long the newest memories are taken for the newest: those that came meanwhile are compared as well. */
const NEWEST_MILLISECONDS = 10_000;

/**
 * Clicks act on the next search: each query remembers, per item, clicks against the clicks that its positions
 * would have brought anyway, and lends this to near queries with weight cos⁴. The state is a pure function of the
 * recorded searches and events of a query, so events may come late, twice or in any order.
 */
export class FeedbackMemory implements RankingSignal {
  readonly name = 'memory';
  readonly #options: FeedbackMemoryOptions;
  /** By collection, with the moment at which it was asked for. */
  readonly #newest = new Map<number, { readonly at: number; readonly read: Promise<NewestMemories> }>();

  constructor(options: FeedbackMemoryOptions) {
    this.#options = options;
  }

  /** Rebuilds what these queries remember from the record. */
  async learn(collectionId: number, queryKeys: readonly string[]): Promise<void> {
    const settings = await this.#options.settingsOf(collectionId);
    const eventTypes = await this.#options.eventTypesOf(collectionId);
    const { db, clock } = this.#options;
    for (let start = 0; start < queryKeys.length; start += AT_ONCE) {
      const some = queryKeys.slice(start, start + AT_ONCE);
      const vectors = await this.#options.encodeQueries(collectionId, some);
      await learnQueries(db, { collectionId, queryKeys: some, vectors, settings, eventTypes, now: clock.now() });
    }
    await keepMemoryStatistics(db);
  }

  /** Encodes some memories again that another model had encoded; says whether more may be left. */
  reencode(): Promise<boolean> {
    const { db, encodeQueries } = this.#options;
    return reencodeMemories({ db, encodeQueries, limit: AT_ONCE });
  }

  async score(context: SignalContext): Promise<ReadonlyMap<string, SignalScore>> {
    const settings = context.settings.memory;
    if (!settings.enabled || context.queryText === null) return new Map();
    const { since, spread } = await this.#newestOf(context.collectionId);
    const memories = await readNearMemories(this.#options.db, {
      collectionId: context.collectionId,
      queryKey: queryKeyOf(context.queryText),
      query: context.queryVector,
      minSimilarity: settings.minSimilarity,
      limit: MAX_NEIGHBOURS,
      since,
    });
    if (memories.length === 0) return new Map();
    const cellSettings = { strength: settings.strength, prior: priorFor(spread, settings.prior) };
    const shown = context.explain ? await this.#shownQueries(context, memories) : new Set<string>();
    const from = new Map<string, Array<MemoryExplanation['from'][number]>>();
    const now = this.#options.clock.now().getTime();
    for (const memory of memories) {
      const decay = 0.5 ** (Math.max(0, now - memory.updatedAt.getTime()) / 86_400_000 / settings.halfLifeDays);
      for (const [itemId, stored] of Object.entries(memory.cells)) {
        const cell = { clicks: stored.clicks * decay, expected: stored.expected * decay };
        const boost = memory.similarity ** 4 * boostOf(cell, cellSettings);
        const entry = {
          query: shown.has(memory.queryKey) ? memory.text : null,
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

  /** What the query's own clicks do to the items that it has shown, by item; nothing of its neighbours'. */
  async recall({ collectionId, queryText, settings }: SignalContext): Promise<ReadonlyMap<string, number>> {
    const { memory } = settings;
    if (!memory.enabled || queryText === null) return new Map();
    const [own] = await readNearMemories(this.#options.db, {
      collectionId,
      queryKey: queryKeyOf(queryText),
      query: null,
      minSimilarity: 1,
      limit: 1,
      since: null,
    });
    if (own === undefined) return new Map();
    const prior = priorFor((await this.#newestOf(collectionId)).spread, memory.prior);
    const age = Math.max(0, this.#options.clock.now().getTime() - own.updatedAt.getTime()) / 86_400_000;
    const decay = 0.5 ** (age / memory.halfLifeDays);
    return new Map(
      Object.entries(own.cells).map(([itemId, { clicks, expected }]) => {
        const boost = boostOf(
          { clicks: clicks * decay, expected: expected * decay },
          { strength: memory.strength, prior },
        );
        return [itemId, Math.max(-memory.limit, Math.min(memory.limit, boost))];
      }),
    );
  }

  async #newestOf(collectionId: number): Promise<NewestMemories> {
    const now = performance.now();
    const known = this.#newest.get(collectionId);
    if (known !== undefined && now - known.at < NEWEST_MILLISECONDS) return await known.read;
    const read = readNewestMemories(this.#options.db, collectionId);
    this.#newest.set(collectionId, { at: now, read });
    // Whoever asks next tries again.
    read.catch(() => this.#newest.delete(collectionId));
    return await read;
  }

  /** The asked query is the asker's own; others are shown where enough have asked them. */
  async #shownQueries(
    { collectionId, queryText }: SignalContext,
    memories: readonly MemoryQuery[],
  ): Promise<ReadonlySet<string>> {
    const own = queryText === null ? null : queryKeyOf(queryText);
    const others = memories.map(({ queryKey }) => queryKey).filter((queryKey) => queryKey !== own);
    const anonymity = await this.#options.anonymityOf(collectionId);
    const shown = await askedByEnough(this.#options.db, collectionId, others, anonymity);
    return own === null ? shown : shown.add(own);
  }

  /** Remembered queries for everybody's eyes: those that too few have asked are counted alone. */
  async page(collectionId: number, after: string | null, limit: number): Promise<MemoryPage> {
    const anonymity = await this.#options.anonymityOf(collectionId);
    return await pageOfMemories(this.#options.db, collectionId, { after, limit, anonymity });
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
}
