/** What an erasure did in one collection. */
export interface ErasedFromCollection {
  readonly name: string;
  searches: number;
  events: number;
  sessions: number;
  profiles: number;
  /** Remembered queries: `dropped` with their text, because nobody else asked them, or `relearned` from what remains. */
  readonly memory: { relearned: number; dropped: number };
  readonly judgments: {
    deleted: number;
    /** Sets computed from clicks that this user's clicks went into: compute them anew. */
    readonly recompute: Set<string>;
  };
  /** Released batches that lost something. */
  readonly batches: Set<string>;
}

/** What was erased, without saying of whom. */
export interface ErasureReceipt {
  readonly erasureId: string;
  readonly at: string;
  /** False while it works, and for ever when it was interrupted: then a later erasure has finished it. */
  readonly complete: boolean;
  readonly collections: ReadonlyArray<{
    readonly name: string;
    readonly searches: number;
    readonly events: number;
    readonly sessions: number;
    readonly profiles: number;
    readonly memory: { readonly relearned: number; readonly dropped: number };
    readonly judgments: { readonly deleted: number; readonly recompute: readonly string[] };
    readonly batches: readonly string[];
  }>;
  /** Snapshots of training data that were deleted, because they held queries that only this user asked. */
  readonly snapshots: readonly string[];
  /** Models whose card names one of the batches or snapshots: train them again. */
  readonly models: readonly string[];
}

/** Counts per collection while an erasure goes on. */
export class ErasureTally {
  readonly #collections = new Map<number, ErasedFromCollection>();
  readonly #names: ReadonlyMap<number, string>;
  readonly snapshots = new Set<string>();

  constructor(names: ReadonlyMap<number, string>) {
    this.#names = names;
  }

  of(collectionId: number): ErasedFromCollection {
    const known = this.#collections.get(collectionId);
    if (known !== undefined) return known;
    const fresh: ErasedFromCollection = {
      name: this.#names.get(collectionId) ?? String(collectionId),
      searches: 0,
      events: 0,
      sessions: 0,
      profiles: 0,
      memory: { relearned: 0, dropped: 0 },
      judgments: { deleted: 0, recompute: new Set() },
      batches: new Set(),
    };
    this.#collections.set(collectionId, fresh);
    return fresh;
  }

  batches(): string[] {
    return [...this.#collections.values()].flatMap(({ batches }) => [...batches]);
  }

  receipt(head: Pick<ErasureReceipt, 'erasureId' | 'at' | 'complete' | 'models'>): ErasureReceipt {
    const collections = [...this.#collections.values()]
      .map(({ judgments, batches, ...counts }) => ({
        ...counts,
        judgments: { deleted: judgments.deleted, recompute: [...judgments.recompute].sort() },
        batches: [...batches].sort(),
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    return { ...head, collections, snapshots: [...this.snapshots].sort() };
  }
}
