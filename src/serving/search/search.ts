import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { SqlError } from '../../foundation/database/sql/sql-error.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { Collection } from '../collections/schema.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { ItemCondition } from '../indexes/ports.ts';
import { askSignals, beginSignals, rank, type SignalOutcome } from './apply-signals.ts';
import { browse } from './browse.ts';
import { fuse } from './fuse.ts';
import type { LiveRelease, LiveReleases } from './live-release.ts';
import { type Page, toPage } from './page.ts';
import { type PreparedSearch, prepareSearch } from './prepare-search.ts';
import { queryVectors } from './query-vectors.ts';
import type { CandidateSignal, RankingSignal, SignalContext } from './ranking-signal.ts';
import { recordedRequest } from './recorded-request.ts';
import type { SearchRequest, SearchResponse } from './request.ts';
import { complete, minSimilarityOf, retrieve } from './retrieve.ts';
import { keysOfItems } from './search-queries.ts';
import type { SearchRecorder } from './search-recorder.ts';

export interface SearchServiceOptions {
  readonly db: Db;
  /** `get` may be a moment behind, `refresh` is not. */
  readonly collections: { get(name: string): Promise<Collection>; refresh(name: string): Promise<Collection> };
  readonly releases: LiveReleases;
  readonly encoder: (modelId: string) => Promise<Encoder>;
  readonly signals: readonly RankingSignal[];
  /** Signals that have to see the candidates. */
  readonly candidateSignals?: readonly CandidateSignal[];
  readonly recorder: SearchRecorder;
  readonly onDegraded: (what: string, error: unknown) => void;
  readonly clock?: Clock;
}

/** Items whose scores are compared before the page is cut: more than any page shows, few enough to score exactly. */
const POOL = 200;
/** Facets count over the pool, so they need a larger one. */
const FACET_POOL = 1000;

/**
 * One search: filter → encode → retrieve from every index under the same filter → fuse → signals → page → record.
 *
 * @example
 * const { hits } = await search.search('icons', { query: [{ text: 'arrow' }], limit: 10 });
 */
export class SearchService {
  readonly #options: SearchServiceOptions;
  readonly #clock: Clock;

  constructor(options: SearchServiceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async search(name: string, request: SearchRequest): Promise<SearchResponse> {
    const started = performance.now();
    const { collections } = this.#options;
    const collection = await collections.get(name);
    try {
      return await this.#searchIn(collection, request, started);
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      // The collection was deleted, or lost an index, while we searched or since it was looked up.
      const current = await collections.refresh(name);
      const isAsBefore = current.id === collection.id && current.updatedAt.getTime() === collection.updatedAt.getTime();
      if (isAsBefore) throw error;
      return await this.#searchIn(current, request, started);
    }
  }

  async #searchIn(collection: Collection, request: SearchRequest, started: number): Promise<SearchResponse> {
    const release = await this.#options.releases.of(collection);
    const prepared = await prepareSearch(collection, request, this.#options.recorder, this.#clock.now());
    const warnings: string[] = [];
    const page =
      request.query.length === 0
        ? await browse(this.#options.db, collection, prepared)
        : await this.#ranked(collection, release, prepared, warnings);
    return this.#answer(collection, release, prepared, page, warnings, started);
  }

  async #ranked(
    collection: Collection,
    release: LiveRelease,
    prepared: PreparedSearch,
    warnings: string[],
  ): Promise<Page> {
    const { db } = this.#options;
    const { request, condition, words } = prepared;
    const keysOf = (ids: readonly string[], filter: ItemCondition): Promise<Map<string, number>> =>
      keysOfItems(db, collection.id, ids, filter);
    const wantsVectors = request.mode !== 'lexical';
    const vectors = wantsVectors
      ? await queryVectors(
          request.query,
          release.vectors,
          {
            text: () => this.#options.encoder(collection.models.text ?? 'starter'),
            image: () => this.#options.encoder(collection.models.image ?? 'starter-image'),
          },
          (ids) => keysOf(ids, undefined),
          prepared.textOf,
        )
      : [];
    const lexical =
      request.mode !== 'vector' && words !== '' && release.lexical !== null
        ? { index: release.lexical, text: words }
        : null;
    if (lexical === null && vectors.length === 0) throw nothingToSearchBy(request, release);

    const retrieval = {
      words: lexical,
      vectors,
      condition,
      pool: Math.max(request.facets === undefined ? POOL : FACET_POOL, prepared.depth),
      minSimilarity: minSimilarityOf(collection.metric, request.maxDistance),
    };
    const context = signalContext(collection, release, prepared, vectors[0] ?? null);
    const scoreCandidates = beginSignals(
      (this.#options.candidateSignals ?? []).filter(
        ({ name }) => (name === 'profile' ? request.personalize : request.memory) !== false,
      ),
      context,
      release.vectors,
      (signal, error) => {
        warnings.push(leftOut(signal));
        this.#options.onDegraded(signal, error);
      },
    );
    const [candidates, signals] = await Promise.all([
      retrieve(retrieval),
      askSignals(
        this.#options.signals.filter((signal) => signal.name !== 'memory' || request.memory !== false),
        context,
        this.#options.onDegraded,
      ),
    ]);
    warnings.push(...signals.failed.map(leftOut));
    const keys = await keysOf(
      boostedItems(signals, (boost) => boost !== 0),
      condition,
    );
    // Only what is lifted may come in from below the pool: lowering it would leave it there.
    const lifted = boostedItems(signals, (boost) => boost > 0).flatMap((id) => keys.get(id) ?? []);
    await complete(candidates, retrieval, lifted);

    const weight =
      lexical === null ? 0 : vectors.length === 0 ? 1 : (request.lexicalWeight ?? release.ranking.lexicalWeight);
    const fused = fuse(candidates.lexical, candidates.lists, weight);
    const near =
      retrieval.minSimilarity === undefined
        ? fused
        : fused.filter(
            (entry) => entry.vector !== null && entry.vector.hit.similarity >= (retrieval.minSimilarity as number),
          );
    const own = new Set(
      (
        await keysOf(
          request.query.flatMap((part) => part.itemId ?? []),
          undefined,
        )
      ).values(),
    );
    const others = near.filter((entry) => !own.has(entry.key));
    const scores = await scoreCandidates(others.map(({ key }) => key));
    const ranked = rank(others, signals, keys, scores);
    return toPage(db, collection, release, prepared, ranked, { weight, complete: candidates.complete });
  }

  #answer(
    collection: Collection,
    release: LiveRelease,
    prepared: PreparedSearch,
    page: Page,
    warnings: readonly string[],
    started: number,
  ): SearchResponse {
    const { request, continued, searchId } = prepared;
    const tookMs = Math.round((performance.now() - started) * 100) / 100;
    if (searchId !== null) {
      this.#options.recorder.record({
        searchId,
        collectionId: collection.id,
        releaseId: release.id,
        request: recordedRequest(request),
        queryText: prepared.words === '' ? null : prepared.words,
        user: request.user ?? null,
        session: request.session ?? null,
        itemIds: page.hits.map((hit) => hit.id),
        scores: page.hits.map((hit) => hit.score),
        propensities: page.propensities ?? page.hits.map(() => 1),
        firstPosition: prepared.firstPosition,
        continues: continued !== null,
        total: page.total.value,
        tookMs,
        at: this.#clock.now(),
      });
    }
    return {
      searchId,
      release: release.id,
      hits: page.hits,
      total: page.total,
      ...(page.facets === undefined ? {} : { facets: page.facets }),
      ...(page.cursor === null ? {} : { nextCursor: page.cursor }),
      ...(warnings.length === 0 ? {} : { warnings }),
      tookMs,
    };
  }
}

const leftOut = (signal: string): string => `The ranking signal "${signal}" failed and was left out.`;

function signalContext(
  collection: Collection,
  release: LiveRelease,
  { request, words }: PreparedSearch,
  query: { readonly target: { readonly space: string }; readonly vector: Float32Array } | null,
): SignalContext {
  return {
    collectionId: collection.id,
    queryText: words === '' ? null : words,
    queryVector: query === null ? null : { space: query.target.space, vector: query.vector },
    user: request.user ?? null,
    settings: release.ranking,
    explain: request.explain === true,
  };
}

function boostedItems(signals: SignalOutcome, matters: (boost: number) => boolean): string[] {
  const ids = new Set<string>();
  for (const scores of signals.scores.values()) {
    for (const [id, { boost }] of scores) if (matters(boost)) ids.add(id);
  }
  return [...ids];
}

/** SQLSTATE undefined_table and undefined_column. */
const isMissingTable = (error: unknown): boolean =>
  error instanceof SqlError && (error.code === '42P01' || error.code === '42703');

function nothingToSearchBy(request: SearchRequest, release: LiveRelease): StudioError {
  if (release.vectors.length === 0 && release.lexical === null) {
    return new StudioError('no_index', 'The collection has no index: no field is declared with embed or lexical.');
  }
  if (request.mode === 'lexical' && release.lexical === null) {
    return new StudioError('no_index', 'The collection has no lexical index.', {
      hint: 'Declare a text field with lexical: true.',
    });
  }
  if (release.vectors.length === 0) {
    return new StudioError('no_index', 'The collection has no vector index.', {
      hint: 'Declare a field with embed: true, or search with mode lexical.',
    });
  }
  return new StudioError('invalid_query', 'The query says nothing to search by.', {
    hint: 'Give some text, or leave the query out to browse.',
  });
}
