import type { FittedClickModel } from './click-models/click-model.ts';

/** What clicks say about one item for one query. */
export interface ClickJudgment {
  readonly queryKey: string;
  readonly itemId: string;
  /** Attraction, in [0, 1]. */
  readonly grade: number;
  /** Standard deviation of the grade. */
  readonly deviation: number;
  /** Weighted looks behind it. */
  readonly support: number;
  /** The click model that says so. */
  readonly provenance: string;
}

export interface JudgmentOptions {
  /** Pairs with fewer looks are left out: their grade is the prior's. */
  readonly minimumSupport?: number;
}

/** The judgments of a fitted click model. */
export function judgmentsOf(model: FittedClickModel, { minimumSupport = 3 }: JudgmentOptions = {}): ClickJudgment[] {
  return [...model.pairs()]
    .filter(({ support }) => support >= minimumSupport)
    .map(({ queryKey, itemId, mean, deviation, support }) => ({
      queryKey,
      itemId,
      grade: mean,
      deviation,
      support,
      provenance: `clicks:${model.name}`,
    }));
}
