import type { Db } from '../../foundation/database/tables.ts';
import { moveMemory, readStrayMemories, readTextSpaces } from './stray-queries.ts';

export interface ReencodeOptions {
  readonly db: Db;
  readonly encodeQueries: (
    collectionId: number,
    texts: readonly string[],
  ) => Promise<ReadonlyMap<string, { readonly space: string; readonly vector: Float32Array }>>;
  /** Most queries of one collection in one call. */
  readonly limit: number;
}

/**
 * Memories that were encoded by another model than searches are encoded by now are nobody's neighbours. Encodes some of
 * them again, the newest first; what they remember, and since when, stays as it is.
 *
 * @returns whether more of them may be left
 */
export async function reencodeMemories({ db, encodeQueries, limit }: ReencodeOptions): Promise<boolean> {
  let isMore = false;
  for (const { collectionId, space } of await readTextSpaces(db)) {
    const strays = await readStrayMemories(db, collectionId, space, limit);
    if (strays.length === 0) continue;
    const encodings = await encodeQueries(
      collectionId,
      strays.map(({ queryKey }) => queryKey),
    );
    let moved = 0;
    for (const stray of strays) {
      const encoding = encodings.get(stray.queryKey);
      // The index and the model may change one after the other: what fits neither is left for later.
      if (encoding?.space !== space) continue;
      await moveMemory(db, collectionId, { ...stray, ...encoding });
      moved++;
    }
    isMore ||= moved === limit;
  }
  return isMore;
}
