import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter, Gauge, Registry } from 'prom-client';
import { systemClock } from './foundation/core/clock.ts';
import { type Database, openDatabase } from './foundation/database/open-database.ts';
import { Events } from './learning/feedback/events.ts';
import { SearchLog } from './learning/feedback/search-log.ts';
import { FeedbackMemory } from './learning/improvement/feedback-memory.ts';
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
  const temporary = options.dataDirectory === 'memory' ? await mkdtemp(join(tmpdir(), 'embedding-studio-')) : null;
  const folder = temporary ?? options.dataDirectory;
  const database = await openDatabase({
    dataDirectory: temporary === null ? join(folder, 'database') : 'memory',
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
  const memory = new FeedbackMemory({
    db,
    clock: systemClock,
    settingsOf: async (collectionId) => (await collectionById(db, collectionId)).ranking.memory,
    async encodeQuery(collectionId, text) {
      const model = await encoder((await collectionById(db, collectionId)).models.text ?? 'starter');
      const [vector] = await model.encodeQueries([{ text }]);
      const output = model.outputs[0];
      return vector === undefined || output === undefined ? null : { space: output.space, vector };
    },
  });
  const events = new Events({
    db,
    clock: systemClock,
    flushSearches: () => searchLog.flush(),
    onEvidence: (collectionId, queryKeys) => memory.learn(collectionId, queryKeys),
  });
  const search = new SearchService({
    db,
    collections,
    releases: new LiveReleases(db, engine.kind),
    encoder,
    signals: [memory],
    recorder: searchLog,
    onDegraded: degrade,
  });
  watchEncoders(metrics, models);

  await collections.start();
  if (options.follow !== false) await indexes.start();
  const services = servicesOf({
    db,
    collections,
    items,
    indexes,
    search,
    events,
    memory,
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
      await indexes.close();
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
