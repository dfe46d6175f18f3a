import type { RankingSettings } from '../collections/schema.ts';
import type { LiveVector } from './live-release.ts';

/**
 * What may take part in ranking without search knowing it: feedback memory, for example.
 * A signal that fails or is late never fails a search; it is counted and left out.
 */
export interface RankingSignal {
  readonly name: string;
  /** Boosts by item id, for the items that the signal knows something about; all others get 0. */
  score(context: SignalContext): Promise<ReadonlyMap<string, SignalScore>>;
}

export interface SignalContext {
  readonly collectionId: number;
  readonly queryText: string | null;
  /** The query's vector and its space, when it has one. */
  readonly queryVector: { readonly space: string; readonly vector: Float32Array } | null;
  readonly user: string | null;
  readonly settings: RankingSettings;
  /** Whether somebody will read `why`. */
  readonly explain: boolean;
}

export interface SignalScore {
  /** Added to the fused score, which lies in about 0 to 1. */
  readonly boost: number;
  /** Plain data for `explain`. */
  readonly why: unknown;
}

/** Scores of candidates by their keys, for those that the signal says something about; all others get 0. */
export type CandidateScorer = (keys: readonly number[]) => Promise<ReadonlyMap<number, SignalScore>>;

/**
 * A signal that has to see the candidates, such as a user's profile, which compares them with each other. It fails as
 * a `RankingSignal` does: without failing the search.
 */
export interface CandidateSignal {
  readonly name: string;
  /** Begins while candidates are still looked for; null when it has nothing to say in this search. */
  begin(context: SignalContext, vectors: readonly LiveVector[]): Promise<CandidateScorer | null>;
}
