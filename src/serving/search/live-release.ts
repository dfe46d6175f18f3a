import { StudioError } from '../../foundation/core/errors.ts';
import type { EngineKind } from '../../foundation/database/engine.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { storedRanking } from '../collections/evolve-schema.ts';
import type { Collection, RankingSettings } from '../collections/schema.ts';
import { createLexicalIndex } from '../indexes/lexical/lexical-index.ts';
import type { LexicalIndex, VectorIndex } from '../indexes/ports.ts';
import { createVectorIndex } from '../indexes/vector/vector-index.ts';

export interface LiveVector {
  readonly id: number;
  readonly model: string;
  readonly output: string;
  readonly space: string;
  readonly dimensions: number;
  readonly index: VectorIndex;
}

/** The release that serves a collection: what a search needs of it. */
export interface LiveRelease {
  readonly id: string;
  readonly ranking: RankingSettings;
  readonly vectors: readonly LiveVector[];
  readonly lexical: LexicalIndex | null;
}

/** Opens the live release of each collection and keeps it until the collection or its release is another. */
export class LiveReleases {
  readonly #db: Db;
  readonly #engine: EngineKind;
  /** By collection: what it served before is let go of, with all that its indexes hold in memory. */
  readonly #open = new Map<
    number,
    { readonly id: string; readonly updatedAt: number; readonly release: Promise<LiveRelease> }
  >();

  constructor(db: Db, engine: EngineKind) {
    this.#db = db;
    this.#engine = engine;
  }

  /** The collection's live release; `no_index` when it has none. */
  of(collection: Collection): Promise<LiveRelease> {
    const id = collection.liveReleaseId;
    if (id === null) {
      throw new StudioError('no_index', `The collection "${collection.name}" has no index yet.`);
    }
    const known = this.#open.get(collection.id);
    // The collection's own update time counts too: its other settings are read when an index is opened.
    if (known?.id === id && known.updatedAt === collection.updatedAt.getTime()) return known.release;
    const opened = { id, updatedAt: collection.updatedAt.getTime(), release: this.#load(collection, id) };
    this.#open.set(collection.id, opened);
    opened.release.catch(() => {
      if (this.#open.get(collection.id) === opened) this.#open.delete(collection.id);
    });
    return opened.release;
  }

  async #load(collection: Collection, id: string): Promise<LiveRelease> {
    const release = await this.#db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const rows = await this.#db
      .selectFrom('indexes')
      .selectAll()
      .where('id', 'in', release.index_ids.length > 0 ? release.index_ids : [-1])
      .orderBy('id')
      .execute();
    const lexical = rows.find((row) => row.kind === 'lexical');
    return {
      id,
      ranking: storedRanking(release.ranking),
      vectors: rows
        .filter((row) => row.kind === 'vector')
        .map((row) => ({
          id: row.id,
          model: row.model_id as string,
          output: row.output as string,
          space: row.space as string,
          dimensions: row.dimensions as number,
          index: createVectorIndex(this.#db, this.#engine, row, collection),
        })),
      lexical: lexical === undefined ? null : createLexicalIndex(this.#db, lexical, collection),
    };
  }
}
