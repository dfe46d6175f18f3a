import type { Clock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { queryKeyOf } from '../feedback/query-key.ts';
import { importJudgments, type JudgmentsTaken, type LineError } from './import-judgments.ts';
import { checkJudgment, type Judgment, type StoredJudgment } from './judgment.ts';
import { readJudgmentPlace, writeJudgmentPlace } from './judgment-place.ts';
import { deleteJudgments, type JudgmentSet, readJudgments, readSets, setExists } from './judgments-queries.ts';
import { writeJudgments } from './write-judgments.ts';

export interface JudgmentStoreOptions {
  readonly db: Db;
  readonly clock: Clock;
}

/** Where judgments go and who says so. */
export interface JudgmentSource {
  readonly set: string;
  /** `rating:<who>` or `import:<what>`. */
  readonly provenance: string;
}

export interface JudgmentsRequest {
  readonly set?: string | undefined;
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * Judgments in named sets. A set holds one grade per pair of query and item: what is written last is what it says, whoever wrote it;
 * raters who may differ write into sets of their own.
 */
export class JudgmentStore {
  readonly #options: JudgmentStoreOptions;

  constructor(options: JudgmentStoreOptions) {
    this.#options = options;
  }

  /**
   * Writes all of them or, where one is no judgment, none. Throws `invalid_judgment`.
   *
   * @example await store.put(collection.id, { set: 'ratings', provenance: 'rating:anna' }, [{ query: 'sea', itemId: 'b1', grade: 3 }]);
   */
  async put(collectionId: number, source: JudgmentSource, judgments: readonly Judgment[]): Promise<JudgmentsTaken> {
    for (const judgment of judgments) checkJudgment(judgment);
    const { db, clock } = this.#options;
    const unknownItems = await writeJudgments(db, collectionId, { ...source, at: clock.now() }, judgments);
    return { written: judgments.length, failed: 0, unknownItems, errors: [] as LineError[] };
  }

  /** Writes a table of tab-separated lines, read only as fast as it is stored; a bad line fails alone. */
  async import(
    collectionId: number,
    source: JudgmentSource,
    lines: AsyncIterable<Uint8Array>,
  ): Promise<JudgmentsTaken> {
    return await importJudgments(this.#options, collectionId, source, lines);
  }

  /** In the order of set, query and item. Throws `judgment_set_not_found`, `invalid_cursor`. */
  async list(
    collectionId: number,
    { set, query, cursor, limit }: JudgmentsRequest,
  ): Promise<{ readonly judgments: readonly StoredJudgment[]; readonly nextCursor: string | null }> {
    const { db } = this.#options;
    const queryKey = query === undefined ? undefined : queryKeyOf(query);
    const after = cursor === undefined ? undefined : readJudgmentPlace(cursor);
    const page = await readJudgments(db, collectionId, { set, queryKey, after, limit: limit + 1 });
    if (page.length === 0 && set !== undefined) await this.#checkSet(collectionId, set);
    const judgments = page.slice(0, limit);
    const last = judgments.at(-1);
    return { judgments, nextCursor: page.length > limit && last !== undefined ? writeJudgmentPlace(last) : null };
  }

  /** By name, after a name. */
  async sets(collectionId: number, after: string, limit: number): Promise<readonly JudgmentSet[]> {
    return await readSets(this.#options.db, collectionId, after, limit);
  }

  /** Of one query, or the whole set. Throws `judgment_set_not_found`. */
  async delete(collectionId: number, set: string, query?: string): Promise<number> {
    await this.#checkSet(collectionId, set);
    return await deleteJudgments(this.#options.db, collectionId, set, query === undefined ? null : queryKeyOf(query));
  }

  async #checkSet(collectionId: number, set: string): Promise<void> {
    const { db } = this.#options;
    if (await setExists(db, collectionId, set)) return;
    const known = (await readSets(db, collectionId, '', 10)).map((one) => `"${one.set}"`);
    const others = known.length === 0 ? 'The collection has none yet.' : `There are ${known.join(', ')}.`;
    throw new StudioError('judgment_set_not_found', `There is no set of judgments "${set}". ${others}`);
  }
}
