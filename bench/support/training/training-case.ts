import type { GraphBuilder } from '../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../src/foundation/onnx/graph/static-graph.ts';
import type { Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';

export type Feeds = Readonly<Record<string, Tensor>>;

/** A training step of fixed shape with its batches, and what an independent implementation needs to do the same. */
export interface TrainingCase {
  readonly builder: GraphBuilder;
  readonly loss: Value;
  readonly trainable: readonly string[];
  readonly batches: readonly Feeds[];
  readonly peer: PeerCase;
}

/** Plain data for the PyTorch side. */
export interface PeerCase {
  /** Settings of the model: which one, its loss, its temperature. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Weights under PyTorch's names; `transposed` ones are `[in, out]` here. `ours` is the name in the graph. */
  readonly weights: readonly PeerWeight[];
  /** Per batch, arrays by name. */
  readonly batches: ReadonlyArray<Readonly<Record<string, Tensor>>>;
}

export interface PeerWeight {
  readonly name: string;
  readonly ours: string;
  readonly transposed: boolean;
  readonly tensor: Tensor;
}
