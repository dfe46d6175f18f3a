import { type Clock, systemClock } from '../../../foundation/core/clock.ts';
import { canonicalJson } from '../../../foundation/core/hash.ts';
import type { Engine } from '../../../foundation/database/engine.ts';
import { reclaimSpace } from '../../../foundation/database/reclaim-space.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { findCollectionById, listCollections } from '../../collections/collections-queries.ts';
import type { Collection } from '../../collections/schema.ts';
import { storageKey } from '../../collections/typed-rows.ts';
import { type IndexRow, indexesOf } from '../indexes-queries.ts';
import type { LoadEncoder } from '../plan-indexes.ts';
import type { Change, IndexWriter } from '../ports.ts';
import { type LexicalTables, type VectorTables, vectorRowOf } from './group-kinds.ts';
import { IndexFollower } from './index-follower.ts';
import { type NextProgress, Progress } from './progress.ts';
import { purgePassed } from './purge-tombstones.ts';
import { createVectorWriter } from './vector-writer.ts';

export interface FollowersOptions {
  readonly engine: Engine;
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly loadEncoder: LoadEncoder;
  readonly vectorTables: VectorTables;
  readonly lexicalTables: LexicalTables;
  readonly clock?: Clock;
  readonly onError?: (error: unknown) => void;
  readonly throttleMilliseconds?: number;
}

interface Followed {
  /** Changes when the follower has to be made anew. */
  readonly key: string;
  readonly collectionId: number;
  readonly follower: IndexFollower;
}

/** How often collections that other processes made are looked for, tombstones purged, and space reclaimed. */
const HOUSEKEEPING_MILLISECONDS = 5000;
const PAGE = 1000;

/** The followers of all collections: one for each model, one for each lexical index. */
export class Followers {
  readonly #options: FollowersOptions;
  readonly #clock: Clock;
  /** By the lowest index id of the group. */
  readonly #followed = new Map<number, Followed>();
  #collectionIds: readonly number[] = [];
  readonly #progress = new Progress();
  #unlisten: (() => Promise<void>) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #started = false;

  constructor(options: FollowersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    this.#unlisten = await this.#options.engine.listen('collections', () => void this.refresh().catch(this.#report));
    await this.refresh();
    this.#timer = setInterval(() => void this.#keepHouse().catch(this.#report), HOUSEKEEPING_MILLISECONDS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#started = false;
    clearInterval(this.#timer);
    await this.#unlisten?.();
    this.#unlisten = undefined;
    await this.#inTurn(async () => {
      await this.#stopWhere(() => true);
    });
  }

  /** Starts, restarts and stops followers until they fit the collections as they are stored. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#started) return;
      const collections = await this.#allCollections();
      this.#collectionIds = collections.map((collection) => collection.id);
      await this.#stopWhere((followed) => !this.#collectionIds.includes(followed.collectionId));
      for (const collection of collections) await this.#follow(collection);
    });
  }

  async stop(collectionId: number): Promise<void> {
    await this.#inTurn(() => this.#stopWhere((followed) => followed.collectionId === collectionId));
  }

  nextProgress(collectionId: number): NextProgress {
    return this.#progress.next(collectionId);
  }

  /** One at a time: two refreshes at once would start the same follower twice. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #allCollections(): Promise<Collection[]> {
    const all: Collection[] = [];
    for (;;) {
      const page = await listCollections(this.#options.db, all.at(-1)?.name ?? '', PAGE);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }

  async #follow(collection: Collection): Promise<void> {
    const groups = groupsOf(await indexesOf(this.#options.db, collection.id));
    const wanted = new Set(groups.map((group) => group[0]!.id));
    await this.#stopWhere((followed, id) => followed.collectionId === collection.id && !wanted.has(id));
    for (const group of groups) {
      const id = group[0]!.id;
      const key = canonicalJson([readingKey(collection), group.map((row) => row.id)]);
      if (this.#followed.get(id)?.key === key) continue;
      await this.#stopWhere((_, other) => other === id);
      try {
        const follower = await this.#follower(collection, group);
        follower.start();
        this.#followed.set(id, { key, collectionId: collection.id, follower });
      } catch (error) {
        // A model that cannot be loaded stops its own index alone; the next round tries again.
        this.#report(error);
      }
    }
  }

  async #follower(collection: Collection, group: readonly IndexRow[]): Promise<IndexFollower> {
    const { engine, db, vectorTables, onError, throttleMilliseconds } = this.#options;
    const isVector = group[0]!.kind === 'vector';
    const writer = isVector
      ? await this.#vectorWriter(collection, group)
      : this.#options.lexicalTables.writer(group[0]!.id, collection);
    return new IndexFollower({
      engine,
      db,
      collectionId: collection.id,
      writer,
      isCurrent: async (transaction) => {
        const stored = await findCollectionById(transaction, collection.id);
        return stored !== null && readingKey(stored) === readingKey(collection);
      },
      onOutdated: () => {
        this.#followed.delete(group[0]!.id);
        void this.refresh().catch(this.#report);
      },
      sequenceOf: isVector ? (change: Change) => change.embedSequence : (change: Change) => change.lexicalSequence,
      clock: this.#clock,
      onApplied: () => this.#progress.announce(collection.id),
      ...(isVector
        ? {
            onCaughtUp: async () => {
              for (const row of group) await vectorTables.ensureIndex(db, vectorRowOf(row), collection);
            },
          }
        : {}),
      ...(onError === undefined ? {} : { onError }),
      ...(throttleMilliseconds === undefined ? {} : { throttleMilliseconds }),
    });
  }

  async #vectorWriter(collection: Collection, group: readonly IndexRow[]): Promise<IndexWriter> {
    const { blobs, loadEncoder, vectorTables } = this.#options;
    return createVectorWriter({
      collection,
      encoder: await loadEncoder(group[0]!.model_id!),
      blobs,
      targets: group.map(vectorRowOf),
      replaceVectors: (transaction, row, keys, rows) => vectorTables.replace(transaction, row, keys, rows),
    });
  }

  async #stopWhere(matches: (followed: Followed, id: number) => boolean): Promise<void> {
    const stopped = [...this.#followed].filter(([id, followed]) => matches(followed, id));
    for (const [id] of stopped) this.#followed.delete(id);
    await Promise.all(stopped.map(([, followed]) => followed.follower.close()));
  }

  async #keepHouse(): Promise<void> {
    await this.refresh();
    const { db, engine } = this.#options;
    for (const id of this.#collectionIds) if (this.#started) await purgePassed(db, id);
    // A server does this by itself.
    if (engine.kind === 'pglite' && this.#started) await reclaimSpace(db);
  }

  readonly #report = (error: unknown): void => this.#options.onError?.(error);
}

/** What a writer reads items by: followers with another key index something else. */
const readingKey = (collection: Collection): string => canonicalJson([storageKey(collection), collection.parts.split]);

/** All outputs of one model advance together, so that an item is encoded once; a lexical index stands alone. */
function groupsOf(rows: readonly IndexRow[]): IndexRow[][] {
  const groups = new Map<string, IndexRow[]>();
  for (const row of rows) {
    const key = row.kind === 'vector' ? `vector ${row.model_id}` : `lexical ${row.id}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}
