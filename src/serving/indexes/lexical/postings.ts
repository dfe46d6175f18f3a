import type { TermCounts } from './bm25.ts';

/**
 * Postings are packed: one row per term and block of item keys. A batch of an import has neighbouring keys, so that it
 * writes few rows and rarely one twice; and a row stays below the size from which PostgreSQL compresses it.
 */
export const BLOCK_BITS = 7;
export const BLOCK_SIZE = 1 << BLOCK_BITS;
/** A posting: place in the block (1 byte), weighted frequency and the item's weighted length (4 bytes, little-endian floats). */
export const POSTING_BYTES = 9;

export const blockOf = (key: number): number => key >> BLOCK_BITS;
export const placeOf = (key: number): number => key & (BLOCK_SIZE - 1);

/** The postings of one term in one block. */
export interface PostingRow {
  readonly term: string;
  readonly block: number;
  readonly postings: Uint8Array;
}

export interface IndexedDocument {
  readonly key: number;
  readonly counts: TermCounts;
}

/** Lengths are stored in single precision; sums over them must be sums of what is stored. */
export const storedLength = (counts: TermCounts): number => Math.fround(counts.length);

export function packPostings(documents: readonly IndexedDocument[]): PostingRow[] {
  const blocks = new Map<number, Map<string, number[]>>();
  for (const { key, counts } of documents) {
    const terms = blocks.get(blockOf(key)) ?? new Map<string, number[]>();
    blocks.set(blockOf(key), terms);
    for (const [term, frequency] of counts.frequencies) {
      const list = terms.get(term);
      if (list === undefined) terms.set(term, [placeOf(key), frequency, counts.length]);
      else list.push(placeOf(key), frequency, counts.length);
    }
  }
  return [...blocks].flatMap(([block, terms]) =>
    [...terms].map(([term, list]) => ({ term, block, postings: encode(list) })),
  );
}

function encode(list: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((list.length / 3) * POSTING_BYTES);
  const view = new DataView(bytes.buffer);
  for (let from = 0, at = 0; from < list.length; from += 3, at += POSTING_BYTES) {
    bytes[at] = list[from]!;
    view.setFloat32(at + 1, list[from + 1]!, true);
    view.setFloat32(at + 5, list[from + 2]!, true);
  }
  return bytes;
}

/** The postings without those at the given places of the block. */
export function withoutPlaces(postings: Uint8Array, places: ReadonlySet<number>): Uint8Array {
  const kept = new Uint8Array(postings.length);
  let length = 0;
  for (let at = 0; at < postings.length; at += POSTING_BYTES) {
    if (places.has(postings[at]!)) continue;
    kept.set(postings.subarray(at, at + POSTING_BYTES), length);
    length += POSTING_BYTES;
  }
  return kept.subarray(0, length);
}

export function joinPostings(left: Uint8Array, right: Uint8Array | undefined): Uint8Array {
  if (right === undefined) return left;
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
