import type { SearchMode } from '../../../serving/search/request.ts';
import type { Metric } from '../evaluate-run.ts';
import type { Gain } from '../metrics.ts';
import type { Unjudged } from '../ranked-list.ts';

/** One way to search: the collection's own, but for what is given here. */
export interface Arm {
  readonly name: string;
  /** Another collection with the same items: under another model, say. */
  readonly collection?: string | undefined;
  readonly mode?: SearchMode | undefined;
  readonly lexicalWeight?: number | undefined;
  /** False leaves feedback memory out. */
  readonly memory?: boolean | undefined;
  readonly filter?: unknown;
}

export interface InlineJudgment {
  readonly query: string;
  readonly itemId: string;
  readonly grade: number;
}

/** What is asked for. The first arm is the baseline. */
export interface EvaluationRequest {
  readonly judgments: { readonly set: string } | readonly InlineJudgment[];
  readonly arms: readonly Arm[];
  readonly metrics?: readonly string[] | undefined;
  readonly unjudged?: Unjudged | undefined;
  readonly gain?: Gain | undefined;
  /** Lowest grade that counts as relevant for metrics without gains. */
  readonly relevantFrom?: number | undefined;
  readonly seed?: number | undefined;
}

/** How the metrics are read. */
export interface Reading {
  readonly metrics: readonly Metric[];
  readonly unjudged: Unjudged;
  readonly gain: Gain;
  readonly relevantFrom: number | null;
  readonly seed: number;
}

/** The input of the run: the request with nothing left open. */
export interface EvaluationInput extends Reading {
  readonly collection: string;
  readonly collectionId: number;
  readonly judgments: { readonly set: string } | readonly InlineJudgment[];
  readonly arms: readonly Arm[];
}

/** Hits of one search, at most; a metric without a depth looks at so many. */
export const MAX_DEPTH = 200;

/** The depth of a metric, `MAX_DEPTH` where it has none. */
export const depthOf = (metric: string): number => Number(metric.split('@')[1] ?? MAX_DEPTH);
