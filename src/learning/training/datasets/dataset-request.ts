import type { ClickModelName } from '../../judgments/click-models/click-model-names.ts';

/** What a dataset is made of, with nothing left open. */
export interface DatasetRequest {
  readonly collectionId: number;
  /** Part of the log: moments, ISO 8601, or a batch. */
  readonly batchId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Sets of judgments; where several have a pair, the first is heard. */
  readonly sets: readonly string[];
  /** Deals the clicks of each position to random pages: the click-blind twin. */
  readonly control: boolean;
  readonly seed: number;
  /** To choose from, by held-out perplexity. */
  readonly clickModels: readonly ClickModelName[];
  readonly halfLifeDays: number;
  /** Queries that fewer clients have asked are left out. */
  readonly anonymity: number;
  readonly split: { readonly by: 'query' | 'time'; readonly validation: number; readonly heldOut: number };
  readonly caps: { readonly perQuery: number; readonly perClient: number; readonly negatives: number };
  /** Further wrong items a query from the served ranking, for so many queries. */
  readonly hardNegatives: { readonly perQuery: number; readonly queries: number };
  /** Items of the catalogue that serve as negatives beside those that were shown. */
  readonly catalogue: number;
}
