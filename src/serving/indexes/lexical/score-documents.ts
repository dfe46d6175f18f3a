import { B, idf, K1 } from './bm25.ts';
import type { Statistics } from './lexical-queries.ts';
import { BLOCK_BITS, BLOCK_SIZE, POSTING_BYTES } from './postings.ts';
import type { TermPostings } from './term-postings.ts';

/** Scores of all items that have a term of the query, in no order. */
export interface ScoredDocuments {
  readonly count: number;
  readonly keys: Int32Array;
  readonly scores: Float64Array;
}

interface WeightedPostings {
  /** idf times how often the query has the term, times K1 + 1. */
  readonly weight: number;
  readonly postings: TermPostings;
}

/**
 * Sums BM25 block by block: the scores of one block fit into the processor's nearest cache, and no table of all items
 * is needed. `blocks` restricts it.
 */
export function scoreDocuments(
  counts: ReadonlyMap<string, number>,
  postings: ReadonlyMap<string, TermPostings>,
  statistics: Statistics,
  blocks?: ReadonlySet<number>,
): ScoredDocuments {
  const weighted: WeightedPostings[] = [];
  let postingsLeft = 0;
  for (const [term, count] of counts) {
    const found = postings.get(term);
    if (found === undefined || found.items === 0) continue;
    weighted.push({ weight: count * idf(statistics.items, found.items) * (K1 + 1), postings: found });
    postingsLeft += found.items;
  }
  const lengthFactor = statistics.items === 0 ? 0 : (K1 * B * statistics.items) / statistics.length;
  const capacity = Math.min(postingsLeft, statistics.items);
  const result = { count: 0, keys: new Int32Array(capacity), scores: new Float64Array(capacity) };
  const sums = new Float64Array(BLOCK_SIZE);
  for (const [block, parts] of byBlock(weighted, blocks)) {
    for (const { weight, bytes, view, start, end } of parts) {
      for (let at = start; at < end; at += POSTING_BYTES) {
        const frequency = view.getFloat32(at + 1, true);
        const length = view.getFloat32(at + 5, true);
        sums[bytes[at]!]! += (weight * frequency) / (frequency + K1 * (1 - B) + lengthFactor * length);
      }
    }
    for (let place = 0; place < BLOCK_SIZE; place++) {
      const sum = sums[place]!;
      if (sum === 0) continue;
      result.keys[result.count] = (block << BLOCK_BITS) + place;
      result.scores[result.count++] = sum;
      sums[place] = 0;
    }
  }
  return result;
}

interface BlockPart {
  readonly weight: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

function byBlock(
  weighted: readonly WeightedPostings[],
  wanted: ReadonlySet<number> | undefined,
): Map<number, BlockPart[]> {
  const parts = new Map<number, BlockPart[]>();
  for (const { weight, postings } of weighted) {
    const { bytes, blocks } = postings;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < blocks.length; index += 3) {
      const block = blocks[index]!;
      if (wanted !== undefined && !wanted.has(block)) continue;
      const part = { weight, bytes, view, start: blocks[index + 1]!, end: blocks[index + 2]! };
      const list = parts.get(block);
      if (list === undefined) parts.set(block, [part]);
      else list.push(part);
    }
  }
  return parts;
}
