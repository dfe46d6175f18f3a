import { POSTING_BYTES } from './postings.ts';

const BLOCK_HEADER_BYTES = 8;

/** A term's postings as they came from the database, with the place of each block in them. */
export interface TermPostings {
  readonly bytes: Uint8Array;
  /** Triples: block, first byte, byte after the last. */
  readonly blocks: Int32Array;
  /** Items that have the term. */
  readonly items: number;
}

/** Reads the form of `TermRow.blocks`. */
export function decodeTerm(bytes: Uint8Array): TermPostings {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: number[] = [];
  let postingBytes = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const size = view.getInt32(at + 4);
    const start = at + BLOCK_HEADER_BYTES;
    blocks.push(view.getInt32(at), start, start + size);
    postingBytes += size;
    at = start + size;
  }
  return { bytes, blocks: Int32Array.from(blocks), items: postingBytes / POSTING_BYTES };
}

/** The postings with those of the changed blocks in the place of what was there; `bytes` holds changed blocks alone. */
export function withChanges(postings: TermPostings, changed: ReadonlySet<number>, bytes: Uint8Array): TermPostings {
  if (changed.size === 0) return postings;
  const joined = new Uint8Array(postings.bytes.length + bytes.length);
  let length = 0;
  for (let index = 0; index < postings.blocks.length; index += 3) {
    if (changed.has(postings.blocks[index]!)) continue;
    const start = postings.blocks[index + 1]! - BLOCK_HEADER_BYTES;
    const end = postings.blocks[index + 2]!;
    joined.set(postings.bytes.subarray(start, end), length);
    length += end - start;
  }
  joined.set(bytes, length);
  return decodeTerm(joined.slice(0, length + bytes.length));
}
