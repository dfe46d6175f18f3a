/** What was shown, as search hands it to whoever keeps the record (the feedback wing). */
export interface ShownSearch {
  readonly searchId: string;
  readonly collectionId: number;
  readonly releaseId: string;
  /** The request as asked, images and vectors left out. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly queryText: string | null;
  readonly user: string | null;
  readonly session: string | null;
  readonly itemIds: readonly string[];
  readonly scores: readonly number[];
  /** Chance of each hit to be shown where it was, given the pages before; 1 without exploration. */
  readonly propensities: readonly number[];
  readonly firstPosition: number;
  /** True for a later page, which extends the record of the same search. */
  readonly continues: boolean;
  readonly total: number;
  readonly tookMs: number;
  readonly at: Date;
}

/** Must return at once: recording is buffered and never fails a search. */
export interface SearchRecorder {
  record(shown: ShownSearch): void;
  /** Item ids that a search has shown so far, for its next page; null when it is unknown. */
  shown(searchId: string): Promise<{ readonly collectionId: number; readonly itemIds: readonly string[] } | null>;
}
