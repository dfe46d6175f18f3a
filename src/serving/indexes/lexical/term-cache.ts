import type { Db } from '../../../foundation/database/tables.ts';
import { readTerms, type Statistics } from './lexical-queries.ts';
import { decodeTerm, type TermPostings, withChanges } from './term-postings.ts';

/** Room for the postings of the frequent words, which are most of what a search would read: 9 bytes a word and item. */
const CACHED_BYTES = 32_000_000;
const NOTHING = new Uint8Array();

interface CachedTerm {
  readonly postings: TermPostings;
  /** Version of the index that these were read of. */
  readonly version: number;
}

export interface QueryTerms {
  readonly statistics: Statistics;
  /** By term; unknown terms are empty. */
  readonly postings: ReadonlyMap<string, TermPostings>;
}

/**
 * Postings of recent terms, the least recently used given up first. Every read asks the database what has changed since,
 * so that an answer is never older than the database, whoever writes to it.
 */
export class TermCache {
  readonly #db: Db;
  readonly #indexId: number;
  readonly #capacity: number;
  readonly #terms = new Map<string, CachedTerm>();
  #bytes = 0;

  constructor(db: Db, indexId: number, capacity = CACHED_BYTES) {
    this.#db = db;
    this.#indexId = indexId;
    this.#capacity = capacity;
  }

  /** Postings and statistics of one moment. */
  async read(terms: readonly string[]): Promise<QueryTerms> {
    const held = new Map(terms.flatMap((term) => [[term, this.#terms.get(term)] as const]));
    const missing = terms.filter((term) => held.get(term) === undefined);
    const known = [...held].flatMap(([term, cached]) => (cached === undefined ? [] : [{ term, ...cached }]));
    const { statistics, rows, changedBlocks } = await readTerms(this.#db, this.#indexId, missing, {
      terms: known.map(({ term }) => term),
      // A term that is newer than the oldest gets blocks that it has already, which does no harm.
      version: known.reduce((lowest, { version }) => Math.min(lowest, version), Number.MAX_SAFE_INTEGER),
    });
    const fetched = new Map(rows.map(({ term, blocks }) => [term, blocks]));
    const changed = new Set(changedBlocks);
    const postings = new Map<string, TermPostings>();
    for (const term of missing) postings.set(term, decodeTerm(fetched.get(term) ?? NOTHING));
    for (const { term, postings: old } of known)
      postings.set(term, withChanges(old, changed, fetched.get(term) ?? NOTHING));
    for (const [term, found] of postings) this.#keep(term, { postings: found, version: statistics.version });
    this.#shrink();
    return { statistics, postings };
  }

  #keep(term: string, cached: CachedTerm): void {
    const before = this.#terms.get(term);
    // Two reads at a time: the one that saw less may come back last.
    if (before !== undefined && before.version > cached.version) return;
    if (before !== undefined) this.#forget(term, before);
    this.#terms.set(term, cached);
    this.#bytes += sizeOf(term, cached);
  }

  #forget(term: string, cached: CachedTerm): void {
    this.#terms.delete(term);
    this.#bytes -= sizeOf(term, cached);
  }

  #shrink(): void {
    for (const [term, cached] of this.#terms) {
      if (this.#bytes <= this.#capacity) return;
      this.#forget(term, cached);
    }
  }
}

/** With a guess of what the entry itself takes. */
const sizeOf = (term: string, { postings }: CachedTerm): number =>
  postings.bytes.byteLength + postings.blocks.byteLength + 2 * term.length + 200;
