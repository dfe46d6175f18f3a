import type { Interval } from '../bootstrap.ts';
import type { Slice } from '../statistics/slices.ts';
import type { Arm, Reading } from './evaluation-input.ts';

/** The paired difference to the baseline. */
export interface Difference extends Interval {
  /** Two-sided, of the paired permutation test. */
  readonly pValue: number;
  /** Adjusted for the number of arms (Holm). */
  readonly adjusted: number;
}

export interface MetricFigures extends Interval {
  /** Null for the baseline. */
  readonly difference: Difference | null;
}

/** One query under the baseline and under the arm, by the first metric. */
export interface MovedQuery {
  readonly query: string;
  readonly baseline: number;
  readonly value: number;
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly queries: number;
}

/** How the queries moved against the baseline, by the first metric. */
export interface Movement {
  readonly better: number;
  readonly same: number;
  readonly worse: number;
  readonly histogram: readonly Bin[];
  readonly slices: readonly Slice[];
  readonly mostBetter: readonly MovedQuery[];
  readonly mostWorse: readonly MovedQuery[];
}

export interface ArmFigures {
  readonly metrics: Readonly<Record<string, MetricFigures>>;
  /** Mean share of the first ten hits that is judged. */
  readonly judged: number;
  /** Null for the baseline. */
  readonly movement: Movement | null;
}

export interface ArmResult extends ArmFigures {
  readonly name: string;
  readonly collection: string;
  /** The release that answered first. */
  readonly release: string;
  readonly settings: Omit<Arm, 'name' | 'collection'>;
  /** Queries without a hit, refused ones among them. */
  readonly unanswered: number;
}

export interface EvaluationResult extends Reading {
  readonly collection: string;
  /** Name of the set; null for judgments that came with the request. */
  readonly set: string | null;
  readonly queries: number;
  readonly judgments: number;
  readonly arms: readonly ArmResult[];
  /** What a reader should know before believing the figures. */
  readonly warnings: readonly string[];
}
