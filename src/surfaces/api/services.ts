import type { Registry } from 'prom-client';
import type { Run } from '../../foundation/jobs/run.ts';
import type { Runs } from '../../foundation/jobs/runs.ts';
import type { Analytics } from '../../learning/analytics/analytics.ts';
import type { EvaluationRequest } from '../../learning/evaluation/offline/evaluation-input.ts';
import type { EventInput, EventsResult } from '../../learning/feedback/events.ts';
import type { FeedbackSettingsStore } from '../../learning/feedback/feedback-settings-store.ts';
import type { ForeignFeedback } from '../../learning/feedback/foreign/foreign-feedback.ts';
import type { Batches } from '../../learning/feedback/sessions/batches.ts';
import type { SessionStore } from '../../learning/feedback/sessions/session-store.ts';
import type { MemoryPage, MemoryQuery } from '../../learning/improvement/memory-queries.ts';
import type { Profiles } from '../../learning/improvement/profiles/profiles.ts';
import type { FromClicksInput } from '../../learning/judgments/from-clicks/judgments-from-clicks.ts';
import type { JudgmentStore } from '../../learning/judgments/judgment-store.ts';
import type { Privacy } from '../../learning/privacy/privacy.ts';
import type { Trainings } from '../../learning/training/runs/trainings.ts';
import type { UpsertResult } from '../../serving/collections/item-errors.ts';
import type { Collection, Item, RankingSettings } from '../../serving/collections/schema.ts';
import type { IndexLag } from '../../serving/indexes/follow/follow-queries.ts';
import type { SearchRequest, SearchResponse } from '../../serving/search/request.ts';

/** What the API serves. The composition root fits the real services to it. */
export interface Services {
  readonly collections: CollectionsService;
  readonly items: ItemsService;
  readonly search: SearchService;
  readonly feedback: { take(events: readonly EventInput[]): Promise<EventsResult> };
  readonly foreignFeedback: Pick<ForeignFeedback, 'takeUbi' | 'takeAlgolia'>;
  readonly feedbackSettings: Pick<FeedbackSettingsStore, 'of' | 'patch'>;
  readonly sessions: Pick<SessionStore, 'list' | 'get' | 'mark'>;
  readonly batches: Pick<Batches, 'release' | 'list' | 'read'>;
  readonly memory: MemoryService;
  readonly profiles: Pick<Profiles, 'show' | 'list' | 'reset'>;
  readonly judgments: JudgmentsService;
  readonly evaluations: EvaluationsService;
  readonly trainings: Pick<Trainings, 'start'>;
  readonly runs: RunsService;
  readonly analytics: Pick<Analytics, 'overview' | 'positions' | 'queries'>;
  readonly privacy: Pick<Privacy, 'erase' | 'export' | 'receipts'>;
  readonly blobs: { get(hash: string): Promise<{ readonly content: Uint8Array; readonly mediaType: string }> };
  readonly models: { list(): Promise<readonly ModelSummary[]> };
  readonly health: { checks(): Promise<readonly HealthCheck[]> };
  /** Counters of the services; the API adds its own. */
  readonly metrics?: Registry;
}

/** Every method throws `collection_not_found` for an unknown name. */
export interface CollectionsService {
  put(
    name: string,
    input: unknown,
  ): Promise<{ readonly collection: Collection; readonly created: boolean; readonly changed: boolean }>;
  get(name: string): Promise<Collection>;
  /** With the newest sequence. */
  refresh(name: string): Promise<Collection>;
  list(page: { readonly after?: string; readonly limit?: number }): Promise<readonly Collection[]>;
  updateRanking(name: string, patch: unknown): Promise<Collection>;
  delete(name: string): Promise<void>;
  /** Live items of the collection and how far its indexes are. */
  status(collection: Collection): Promise<{ readonly items: number; readonly indexes: readonly IndexLag[] }>;
  releases(collection: Collection): Promise<readonly ReleaseSummary[]>;
}

export interface ReleaseSummary {
  readonly id: string;
  readonly state: string;
  readonly live: boolean;
  readonly ranking: RankingSettings;
  readonly indexes: readonly IndexLag[];
  readonly createdAt: Date;
}

export interface ItemsService {
  /** One bad input is one error, by its position; the others are written. Throws `too_many_items`. */
  upsert(collection: string, inputs: readonly unknown[]): Promise<UpsertResult>;
  /** Reads the stream only as fast as items are stored; a bad line is one error. */
  upsertNdjson(collection: string, source: AsyncIterable<Uint8Array>): Promise<UpsertResult>;
  get(collection: string, id: string): Promise<Item>;
  /** Throws `invalid_filter`, `invalid_cursor`. */
  list(
    collection: string,
    request: { readonly cursor?: string | undefined; readonly limit?: number | undefined; readonly filter?: unknown },
  ): Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>;
  delete(
    collection: string,
    which: { readonly ids: readonly string[] } | { readonly filter: unknown },
  ): Promise<{ readonly deleted: number; readonly sequence: number }>;
  /** Resolves when every index has applied the sequence; throws `wait_timeout`. */
  waitIndexed(collection: string, sequence: number, timeoutSeconds: number): Promise<void>;
}

export interface SearchService {
  search(collection: string, request: SearchRequest): Promise<SearchResponse>;
  count(collection: string, filter: unknown): Promise<{ readonly value: number; readonly exact: boolean }>;
}

export interface JudgmentsService extends Pick<JudgmentStore, 'put' | 'import' | 'list' | 'sets' | 'delete'> {
  /** The run that makes a set of the clicks in the log; throws `overloaded`. */
  startFromClicks(collectionId: number, input: Omit<FromClicksInput, 'collectionId'>): Promise<Run>;
}

export interface EvaluationsService {
  /** Throws at once for what could not come out well, such as an arm that cannot search. */
  start(collection: string, request: EvaluationRequest): Promise<Run>;
}

export type RunsService = Pick<Runs, 'get' | 'list' | 'cancel' | 'watch' | 'report' | 'shownInput'>;

export interface MemoryService {
  list(collectionId: number, after: string | null, limit: number): Promise<readonly MemoryQuery[]>;
  /** For everybody's eyes: queries that too few have asked are counted alone. */
  page(collectionId: number, after: string | null, limit: number): Promise<MemoryPage>;
  forget(collectionId: number, query: string | null): Promise<number>;
}

export interface ModelSummary {
  readonly id: string;
  readonly modality: string;
  readonly outputs: ReadonlyArray<{ readonly name: string; readonly space: string; readonly dimensions: number }>;
  readonly card?: Readonly<Record<string, unknown>>;
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly message?: string;
}
