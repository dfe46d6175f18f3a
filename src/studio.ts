import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter, Gauge, Registry } from 'prom-client';
import { type Clock, systemClock } from './foundation/core/clock.ts';
import { type Database, openDatabase } from './foundation/database/open-database.ts';
import { Runs } from './foundation/jobs/runs.ts';
import { Analytics } from './learning/analytics/analytics.ts';
import { OfflineEvaluation } from './learning/evaluation/offline/offline-evaluation.ts';
import { Events } from './learning/feedback/events.ts';
import { Evidence } from './learning/feedback/evidence.ts';
import { FeedbackSettingsStore } from './learning/feedback/feedback-settings-store.ts';
import { ForeignFeedback } from './learning/feedback/foreign/foreign-feedback.ts';
import { Guards } from './learning/feedback/guards/guards.ts';
import { SearchLog } from './learning/feedback/search-log.ts';
import { Batches } from './learning/feedback/sessions/batches.ts';
import { SessionStore } from './learning/feedback/sessions/session-store.ts';
import { Sessions } from './learning/feedback/sessions/sessions.ts';
import { FeedbackMemory } from './learning/improvement/feedback-memory.ts';
import { LookAlikes } from './learning/improvement/look-alikes.ts';
import { MemoryUpkeep } from './learning/improvement/memory-upkeep.ts';
import { Profiles } from './learning/improvement/profiles/profiles.ts';
import { judgmentsFromClicks } from './learning/judgments/from-clicks/judgments-from-clicks.ts';
import { JudgmentStore } from './learning/judgments/judgment-store.ts';
import { eraseSnapshots } from './learning/privacy/erase-snapshots.ts';
import { readModelLineages } from './learning/privacy/model-lineages.ts';
import { Privacy } from './learning/privacy/privacy.ts';
import { Retention } from './learning/privacy/retention.ts';
import { trainingRun } from './learning/training/runs/training-run.ts';
import { Trainings } from './learning/training/runs/trainings.ts';
import { createBlobStore } from './serving/blobs/blob-store.ts';
import { Collections } from './serving/collections/collections.ts';
import { collectionById } from './serving/collections/collections-queries.ts';
import type { ItemsContext } from './serving/collections/upsert-items.ts';
import { Indexes } from './serving/indexes/indexes.ts';
import { lexicalTables } from './serving/indexes/lexical/lexical-tables.ts';
import { createVectorTables } from './serving/indexes/vector/vector-tables.ts';
import { ModelRegistry } from './serving/models/model-registry.ts';
import { LiveReleases } from './serving/search/live-release.ts';
import { SearchService } from './serving/search/search.ts';
import type { Services } from './surfaces/api/services.ts';
import { servicesOf } from './surfaces/api/services-of.ts';

export interface StudioOptions {
  /** Folder of the database, pictures and models; `memory` keeps nothing. */
  readonly dataDirectory: string | 'memory';
  /** A PostgreSQL server in the place of the embedded database. */
  readonly databaseUrl?: string | undefined;
  /** Sessions on PostgreSQL. */
  readonly poolSize?: number;
  /** Threads of one encoder. */
  readonly encoderThreads?: number;
  /** False only reads: for commands that must not index. */
  readonly follow?: boolean;
  /** What search and feedback take for now; the machine's clock when left out. */
  readonly clock?: Clock;
  readonly log?: (level: 'info' | 'warn', message: string, error?: unknown) => void;
}

export interface Studio {
  readonly database: Database;
  readonly services: Services;
  readonly indexes: Indexes;
  readonly models: ModelRegistry;
  readonly items: ItemsContext;
  /** Finishes what is in flight and lets go of everything. */
  close(): Promise<void>;
}

/**
 * An installation in this process: the only place that names concrete implementations.
 *
 * @example
 * const studio = await createStudio({ dataDirectory: './.data' });
 * await studio.services.search.search('icons', { query: [{ text: 'arrow' }] });
 */
export async function createStudio(options: StudioOptions): Promise<Studio> {
  const log = options.log ?? (() => {});
  const clock = options.clock ?? systemClock;
  const temporary = options.dataDirectory === 'memory' ? await mkdtemp(join(tmpdir(), 'embedding-studio-')) : null;
  const folder = temporary ?? options.dataDirectory;
  const database = await openDatabase({
    // Not in the memory of the process even when nothing is kept: the database's own memory runs full after hours.
    dataDirectory: join(folder, 'database'),
    fsync: temporary === null,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    ...(options.poolSize === undefined ? {} : { poolSize: options.poolSize }),
    log,
  });
  const { engine, db } = database;
  const metrics = new Registry();
  const degraded = new Counter({
    name: 'embedding_studio_degraded_total',
    help: 'Searches that went on without a part of them, by part',
    labelNames: ['part'],
    registers: [metrics],
  });
  const degrade = (part: string, error: unknown): void => {
    degraded.inc({ part });
    log('warn', `a search went on without ${part}`, error);
  };

  const models = new ModelRegistry({
    folder: join(folder, 'models'),
    ...(options.encoderThreads === undefined ? {} : { encoder: { threads: options.encoderThreads } }),
  });
  const encoder = (id: string) => models.encoder(id);
  const blobs = createBlobStore({ directory: join(folder, 'blobs'), db });
  const indexes = new Indexes({
    engine,
    db,
    blobs,
    loadEncoder: encoder,
    vectorTables: createVectorTables(engine.kind),
    lexicalTables,
    onError: (error) => log('warn', 'an index cannot follow its log', error),
  });
  const collections = new Collections({ engine, db, indexes });
  const items: ItemsContext = { engine, db, blobs };

  const searchLog = new SearchLog({ db, onLost: (count, error) => degrade(`the record of ${count} searches`, error) });
  const feedbackSettings = new FeedbackSettingsStore(db);
  const sessions = new Sessions({ db, settings: feedbackSettings });
  const memory = new FeedbackMemory({
    db,
    clock,
    settingsOf: async (collectionId) => (await collectionById(db, collectionId)).ranking.memory,
    eventTypesOf: async (collectionId) => (await feedbackSettings.of(collectionId)).eventTypes,
    anonymityOf: async (collectionId) => (await feedbackSettings.of(collectionId)).anonymity,
    async encodeQueries(collectionId, texts) {
      const model = await encoder((await collectionById(db, collectionId)).models.text ?? 'starter');
      const [output] = model.outputs;
      const vectors = output === undefined ? [] : await model.encodeQueries(texts.map((text) => ({ text })));
      return new Map(vectors.map((vector, index) => [texts[index] ?? '', { space: output?.space ?? '', vector }]));
    },
  });
  const releases = new LiveReleases(db, engine.kind);
  const profiles = new Profiles({
    db,
    clock,
    eventTypesOf: async (collectionId) => (await feedbackSettings.of(collectionId)).eventTypes,
    async servedBy(collectionId) {
      const collection = await collectionById(db, collectionId);
      const { vectors, ranking } = await releases.of(collection);
      return { vectors, settings: ranking.profile };
    },
  });
  const guards = new Guards({ db, clock, settings: feedbackSettings });
  const evidence = new Evidence({
    db,
    sessions,
    guards,
    learn: (collectionId, queryKeys) => memory.learn(collectionId, queryKeys),
    onError: (error) => log('warn', 'feedback could not be learned from and will be tried again', error),
  });
  const outcomes = new Counter({
    name: 'embedding_studio_events_total',
    help: 'Events that were sent, by what became of them',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const events = new Events({
    db,
    clock,
    settings: feedbackSettings,
    flushSearches: () => searchLog.flush(),
    onEvidence: (fresh) => evidence.take(fresh),
    onOutcome: (outcome, count) => outcomes.inc({ outcome }, count),
  });
  const foreignFeedback = new ForeignFeedback({
    db,
    clock,
    flushSearches: () => searchLog.flush(),
    events,
    settings: feedbackSettings,
  });
  const privacy = new Privacy({
    db,
    clock,
    flushSearches: () => searchLog.flush(),
    learn: (collectionId, queryKeys) => memory.learn(collectionId, queryKeys),
    lineages: () => readModelLineages({ folder: join(folder, 'models'), models }),
    eraseSnapshots: (queryKeys) => eraseSnapshots(join(folder, 'snapshots'), queryKeys),
  });
  const memoryUpkeep = new MemoryUpkeep({
    reencode: () => memory.reencode(),
    onError: (error) => log('warn', 'feedback memory could not be encoded again and will be tried again', error),
  });
  const retention = new Retention({
    db,
    clock,
    settings: feedbackSettings,
    onError: (error) => log('warn', 'old searches and events could not be deleted and will be tried again', error),
  });
  const analytics = new Analytics({
    db,
    clock,
    anonymityOf: async (collectionId) => (await feedbackSettings.of(collectionId)).anonymity,
    flushSearches: () => searchLog.flush(),
  });
  const search = new SearchService({
    db,
    collections,
    releases,
    encoder,
    signals: [memory],
    candidateSignals: [profiles, new LookAlikes({ db, memory })],
    recorder: searchLog,
    onDegraded: degrade,
    clock,
  });
  const evaluation = new OfflineEvaluation({ db, search, collections });
  const settingsOf = (collectionId: number) => feedbackSettings.of(collectionId);
  const refreshLog = async (collectionId: number): Promise<void> => {
    await searchLog.flush();
    await sessions.refresh(collectionId);
    await guards.inspect(collectionId);
    await guards.inspectFarms(collectionId);
  };
  const runs = new Runs({
    db,
    engine,
    kinds: [
      evaluation,
      judgmentsFromClicks({ db, clock, settingsOf, refreshLog }),
      trainingRun({ db, folder, settingsOf, refreshLog, search, models }),
    ],
    onError: (error) => log('warn', 'a run, or the queue of runs, failed', error),
  });
  watchEncoders(metrics, models);

  await collections.start();
  if (options.follow !== false) {
    await indexes.start();
    evidence.start();
    memoryUpkeep.start();
    retention.start();
    runs.open();
  }
  const services = servicesOf({
    db,
    collections,
    items,
    indexes,
    search,
    events,
    feedbackSettings,
    sessions: new SessionStore(db, sessions),
    batches: new Batches({ db, clock: systemClock, settings: feedbackSettings, sessions }),
    foreignFeedback,
    memory,
    profiles,
    analytics,
    privacy,
    judgments: new JudgmentStore({ db, clock }),
    evaluation,
    trainings: new Trainings({ db, runs, models, modelsFolder: join(folder, 'models'), collections }),
    runs,
    blobs,
    models,
    metrics,
    async checks() {
      const reached = await db
        .selectFrom('collections')
        .select('id')
        .limit(1)
        .execute()
        .then(
          () => ({ ok: true, message: engine.kind === 'pglite' ? 'embedded' : 'PostgreSQL' }),
          (error: Error) => ({ ok: false, message: error.message }),
        );
      return [{ name: 'database', ...reached }];
    },
  });
  return {
    database,
    services,
    indexes,
    models,
    items,
    async close() {
      await runs.close();
      await indexes.close();
      await memoryUpkeep.close();
      await retention.close();
      await evidence.close();
      await searchLog.flush();
      await collections.close();
      await models.close();
      await database.close();
      if (temporary !== null) await rm(temporary, { recursive: true, force: true });
    },
  };
}

/** Counts of the open encoders, read when somebody asks for the metrics. */
function watchEncoders(metrics: Registry, models: ModelRegistry): void {
  const gauge = new Gauge({
    name: 'embedding_studio_encoder',
    help: 'What the open encoders have done',
    labelNames: ['model', 'what'],
    registers: [metrics],
    async collect() {
      for (const encoder of await models.open()) {
        for (const [what, value] of Object.entries(encoder.statistics()))
          gauge.set({ model: encoder.modelId, what }, value);
      }
    },
  });
}
