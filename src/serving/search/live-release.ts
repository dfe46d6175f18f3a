import { StudioError } from '../../foundation/core/errors.ts';
import type { EngineKind } from '../../foundation/database/engine.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { Collection, RankingSettings } from '../collections/schema.ts';
import { createLexicalIndex } from '../indexes/lexical/lexical-index.ts';
import type { LexicalIndex, VectorIndex } from '../indexes/ports.ts';
import { createVectorIndex } from '../indexes/vector/vector-index.ts';

export interface LiveVector {
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

/** Opens live releases and keeps them: a release is immutable, so its id is all that there is to compare. */
export class LiveReleases {
  readonly #db: Db;
  readonly #engine: EngineKind;
  readonly #open = new Map<string, Promise<LiveRelease>>();

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
    // The collection's own update time is part of the key: a new field may add an index to the release.
    const key = `${id} ${collection.updatedAt.getTime()}`;
    let opened = this.#open.get(key);
    if (opened === undefined) {
      opened = this.#load(collection, id);
      opened.catch(() => this.#open.delete(key));
      for (const other of this.#open.keys()) if (other.startsWith(id)) this.#open.delete(other);
      this.#open.set(key, opened);
    }
    return opened;
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
      ranking: release.ranking as unknown as RankingSettings,
      vectors: rows
        .filter((row) => row.kind === 'vector')
        .map((row) => ({
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
