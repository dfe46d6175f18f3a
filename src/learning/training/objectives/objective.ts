import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { CachedBatch, CachedStepOptions } from '../step/compile-cached-step.ts';
import type { Contents } from '../towers/contents.ts';
import type { TowerGraph } from '../towers/tower-graph.ts';

export interface LossGraph {
  readonly builder: GraphBuilder;
  /** A scalar. */
  readonly loss: Value;
}

/** One batch of training: what it feeds to the graph of its shape. */
export interface TrainingBatch {
  /** Batches of one shape share a compiled graph. */
  readonly shape: string;
  /** Tokens with padding, or inputs where there are no tokens. */
  readonly tokens: number;
  /** Builds the graph from inputs and weights to the loss. */
  graph(): Promise<LossGraph>;
  feeds(): Promise<Readonly<Record<string, Tensor>>>;
  /** Set where the batch goes through the encoder in chunks. */
  readonly chunked?: ChunkedBatch;
}

/** A batch that is too large for memory at once, see `step/compile-cached-step.ts`. */
export interface ChunkedBatch {
  graph(): Promise<Pick<CachedStepOptions, 'towers' | 'loss'>>;
  feeds(): Promise<CachedBatch>;
}

/** What is trained for: batches without end, the same for the same seed. */
export interface Objective {
  batches(): Iterator<TrainingBatch, never, void>;
}

/** One side of a loss: its inputs, and the model that makes vectors of them. */
export interface Side {
  readonly tower: TowerGraph;
  readonly contents: Contents;
}

/** Names that the inputs of a side have in the graph of the loss. */
export function prefixFeeds(side: string, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [`${side}.${name}`, tensor]));
}

/** So many batches are looked at to learn which lengths there are. */
export const SAMPLED_BATCHES = 200;
/** Lengths of one side that graphs are compiled for. */
export const BUCKETS_PER_SIDE = 2;

export const longest = (contents: Contents, inputs: readonly number[]): number =>
  inputs.reduce((most, input) => Math.max(most, contents.lengthOf(input)), 0);
