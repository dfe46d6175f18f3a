import type { Registry } from 'prom-client';
import { StudioError } from '../../foundation/core/errors.ts';
import { createAnalyzer } from '../../foundation/core/text/analyzer.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { Runs } from '../../foundation/jobs/runs.ts';
import type { Analytics } from '../../learning/analytics/analytics.ts';
import type { OfflineEvaluation } from '../../learning/evaluation/offline/offline-evaluation.ts';
import type { Events } from '../../learning/feedback/events.ts';
import type { FeedbackSettingsStore } from '../../learning/feedback/feedback-settings-store.ts';
import type { ForeignFeedback } from '../../learning/feedback/foreign/foreign-feedback.ts';
import type { Batches } from '../../learning/feedback/sessions/batches.ts';
import type { SessionStore } from '../../learning/feedback/sessions/session-store.ts';
import type { FeedbackMemory } from '../../learning/improvement/feedback-memory.ts';
import type { Profiles } from '../../learning/improvement/profiles/profiles.ts';
import { JUDGMENTS_FROM_CLICKS } from '../../learning/judgments/from-clicks/judgments-from-clicks.ts';
import type { JudgmentStore } from '../../learning/judgments/judgment-store.ts';
import type { Privacy } from '../../learning/privacy/privacy.ts';
import type { Trainings } from '../../learning/training/runs/trainings.ts';
import type { BlobStore } from '../../serving/blobs/blob-store.ts';
import type { Collections } from '../../serving/collections/collections.ts';
import { deleteItems, deleteMatchingItems } from '../../serving/collections/delete-items.ts';
import { countItems, getItem, scanItems } from '../../serving/collections/read-items.ts';
import type { Collection } from '../../serving/collections/schema.ts';
import { type ItemsContext, upsertItems } from '../../serving/collections/upsert-items.ts';
import { upsertNdjson } from '../../serving/collections/upsert-ndjson.ts';
import type { Indexes } from '../../serving/indexes/indexes.ts';
import { listReleases } from '../../serving/indexes/indexes-queries.ts';
import type { ItemCondition } from '../../serving/indexes/ports.ts';
import type { ModelRegistry } from '../../serving/models/model-registry.ts';
import { parseFilter } from '../../serving/search/filter/parse-filter.ts';
import { translateFilter } from '../../serving/search/filter/translate-filter.ts';
import type { SearchService } from '../../serving/search/search.ts';
import type { CollectionsService, HealthCheck, ItemsService, JudgmentsService, Services } from './services.ts';

/** The parts of an installation, as the composition root has made them. */
export interface StudioParts {
  readonly db: Db;
  readonly collections: Collections;
  readonly items: ItemsContext;
  readonly indexes: Indexes;
  readonly search: SearchService;
  readonly events: Events;
  readonly feedbackSettings: FeedbackSettingsStore;
  readonly sessions: SessionStore;
  readonly batches: Batches;
  readonly foreignFeedback: ForeignFeedback;
  readonly memory: FeedbackMemory;
  readonly profiles: Profiles;
  readonly judgments: JudgmentStore;
  readonly evaluation: OfflineEvaluation;
  readonly trainings: Trainings;
  readonly runs: Runs;
  readonly analytics: Analytics;
  readonly privacy: Privacy;
  readonly blobs: BlobStore;
  readonly models: ModelRegistry;
  readonly checks: () => Promise<readonly HealthCheck[]>;
  readonly metrics?: Registry;
}

const MAX_RELEASES = 100;

/** Fits the parts of an installation to what the API serves. */
export function servicesOf(parts: StudioParts): Services {
  const { db, collections, events, memory, blobs, models, search } = parts;
  return {
    collections: collectionsOf(parts),
    items: itemsOf(parts),
    search: {
      search: (name, request) => search.search(name, request),
      async count(name, filter) {
        const collection = await collections.get(name);
        return { value: await countItems(db, collection, conditionOf(collection, filter)), exact: true };
      },
    },
    feedbackSettings: parts.feedbackSettings,
    sessions: parts.sessions,
    batches: parts.batches,
    feedback: { take: (inputs) => events.take(inputs) },
    foreignFeedback: parts.foreignFeedback,
    memory,
    profiles: parts.profiles,
    analytics: parts.analytics,
    privacy: parts.privacy,
    judgments: judgmentsOf(parts),
    evaluations: { start: (name, request) => parts.evaluation.start(parts.runs, name, request) },
    trainings: parts.trainings,
    runs: parts.runs,
    blobs,
    models,
    health: { checks: parts.checks },
    ...(parts.metrics === undefined ? {} : { metrics: parts.metrics }),
  };
}

function judgmentsOf({ judgments, runs }: StudioParts): JudgmentsService {
  return {
    put: (id, source, given) => judgments.put(id, source, given),
    import: (id, source, lines) => judgments.import(id, source, lines),
    list: (id, request) => judgments.list(id, request),
    sets: (id, after, limit) => judgments.sets(id, after, limit),
    delete: (id, set, query) => judgments.delete(id, set, query),
    startFromClicks: (id, input) => runs.start(JUDGMENTS_FROM_CLICKS, id, { ...input, collectionId: id }),
  };
}

function collectionsOf({ db, collections, indexes }: StudioParts): CollectionsService {
  return {
    put: (name, input) => collections.put(name, input),
    get: (name) => collections.get(name),
    refresh: (name) => collections.refresh(name),
    list: (page) => collections.list(page),
    updateRanking: (name, patch) => collections.updateRanking(name, patch),
    delete: (name) => collections.delete(name),
    async status(collection) {
      const [items, lags] = await Promise.all([countItems(db, collection), indexes.lag(collection.id)]);
      return { items, indexes: lags };
    },
    async releases(collection) {
      const [releases, lags] = await Promise.all([
        listReleases(db, collection.id, MAX_RELEASES),
        indexes.lag(collection.id),
      ]);
      return releases.map(({ indexIds, ...release }) => ({
        ...release,
        live: release.id === collection.liveReleaseId,
        indexes: lags.filter((lag) => indexIds.includes(lag.indexId)),
      }));
    },
  };
}

function itemsOf(parts: StudioParts): ItemsService {
  const { db, collections, items, indexes } = parts;
  return {
    upsert: async (name, inputs) => await upsertItems(items, await collections.get(name), inputs),
    upsertNdjson: async (name, source) => await upsertNdjson(items, await collections.get(name), source),
    get: async (name, id) => await getItem(db, await collections.get(name), id),
    async list(name, { filter, ...page }) {
      const collection = await collections.get(name);
      return await scanItems(db, collection, { ...page, condition: conditionOf(collection, filter) });
    },
    async delete(name, which) {
      const collection = await collections.get(name);
      if ('ids' in which) return await deleteItems(items, collection, which.ids);
      const condition = conditionOf(collection, which.filter);
      // An empty filter matches everything, which is more often a mistake than a wish.
      if (condition === undefined) {
        throw new StudioError('invalid_filter', 'The filter says nothing: it would delete all items.', {
          hint: 'Delete the collection, or give a filter that names what shall go.',
        });
      }
      return await deleteMatchingItems(items, collection, condition);
    },
    async waitIndexed(name, sequence, timeoutSeconds) {
      await indexes.waitForSequence(await collections.get(name), sequence, timeoutSeconds * 1000);
    },
  };
}

function conditionOf({ fields, language }: Collection, filter: unknown): ItemCondition {
  if (filter === undefined) return undefined;
  return translateFilter(parseFilter(filter, { fields, analyze: createAnalyzer(language).analyze }), fields);
}
