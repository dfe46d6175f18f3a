import { differentiate } from '../../../foundation/onnx/autodiff/differentiate.ts';
import { fuseTransposedProducts } from '../../../foundation/onnx/autodiff/fuse-transposed-products.ts';
import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { StaticGraph, Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { ParameterStore } from '../../../foundation/onnx/optimizers/parameter-store.ts';
import { openSession, type Provider, type SessionOptions } from '../../../foundation/onnx/session/open-session.ts';
import { type BoundWeights, bindWeights } from './bound-weights.ts';
import { type GradientOutput, type GradientOwner, gradientOutputs, receiveGradients } from './gradient-outputs.ts';
import { estimateMemory } from './memory-estimate.ts';

export interface StepOptions {
  /** Holds the graph from its inputs to the loss. It is not changed. */
  readonly builder: GraphBuilder;
  /** A float32 scalar. */
  readonly loss: Value;
  /** Scalars to report beside it. */
  readonly metrics?: Readonly<Record<string, Value>>;
  readonly store: ParameterStore;
  /**
   * Constants of the graph that are trained. The store takes their values from the graph unless it has them already. All others
   * are frozen: they stay constants, and nothing below the first trained weight is differentiated.
   */
  readonly trainable: readonly string[];
  /** Float inputs of the graph whose gradients each run gives back. */
  readonly gradientsOf?: readonly string[];
  readonly provider?: Provider;
  readonly threads?: number;
}

export interface StepResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Gradient by each input of `gradientsOf`; the next run overwrites it. */
  readonly inputGradients: Readonly<Record<string, Float32Array>>;
}

/** One shape of batch, ready to be run again and again. */
export interface Step {
  /** Forward and backward for a batch: adds its gradients to the store. The feeds are the graph's own inputs. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<StepResult>;
  /** Intermediate results and frozen weights in bytes, said before the first run; the store's own memory comes on top. */
  readonly memoryBytes: number;
  /** The intermediate results' share of it. */
  readonly peakBytes: number;
  /** What the intermediate results would need if each were kept to the end. */
  readonly keptBytes: number;
  dispose(): Promise<void>;
}

/**
 * Differentiates a loss by the trained weights and makes of it one session that reads weights from the store and writes
 * gradients into it.
 *
 * @throws StudioError `invalid_model` when an operator between a trained weight and the loss has no gradient.
 */
export async function compileStep(options: StepOptions): Promise<Step> {
  const { loss, metrics = {}, store } = options;
  const { graph, weights, gradients } = differentiateStep(options);
  const session = await openSession(graph, trainingSession(options));
  const { peakBytes, keptBytes } = estimateMemory(graph);
  const asked = new Set(session.inputs);
  const scalars = Object.fromEntries([loss, ...Object.values(metrics)].map(({ name }) => [name, null]));
  return {
    memoryBytes: peakBytes + ownBytes(graph, weights, gradients),
    peakBytes,
    keptBytes,
    async run(feeds) {
      const { fetches, written } = receiveGradients(store, gradients);
      const results = await session.run(weights.feeds(feeds, asked), { ...fetches, ...scalars });
      written();
      store.batches++;
      const numberOf = ({ name }: Value): number => results[name]?.data[0] as number;
      return {
        loss: numberOf(loss),
        metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, numberOf(value)])),
        inputGradients: Object.fromEntries(
          gradients.flatMap(({ inputs, value }) =>
            inputs.map((input) => [input, fetches[value.name]?.data as Float32Array]),
          ),
        ),
      };
    },
    dispose: () => session.release(),
  };
}

interface DifferentiatedStep {
  readonly graph: StaticGraph;
  readonly weights: BoundWeights;
  readonly gradients: readonly GradientOutput[];
}

function differentiateStep(options: StepOptions): DifferentiatedStep {
  const { builder, loss, metrics = {}, store, trainable, gradientsOf = [] } = options;
  const weights = bindWeights(builder, store, trainable);
  const inputs = gradientsOf.map((name) => weights.builder.value(name));
  const owners: GradientOwner[] = [
    ...weights.parameters.map((parameter) => ({ parameter })),
    ...weights.tables.map((table) => ({ table })),
    ...gradientsOf.map((input) => ({ input })),
  ];
  const found = differentiate(weights.builder, loss, [...weights.whole, ...weights.rows, ...inputs]);
  const gradients = gradientOutputs(weights.builder, found, owners);
  const outputs = [...new Set([loss, ...Object.values(metrics)]), ...gradients.map(({ value }) => value)];
  const graph = weights.builder.build(outputs);
  const fused = options.provider === 'webgpu' ? graph : fuseTransposedProducts(graph);
  return { graph: fused, weights, gradients };
}

/** Frozen weights, buffers for rows and for gradients that are not in the store, and the runtime's copy of each gradient. */
function ownBytes(graph: StaticGraph, { tables }: BoundWeights, gradients: readonly GradientOutput[]): number {
  const arrays = [
    ...[...graph.constants.values()].map(({ data }) => data),
    ...tables.map(({ fed }) => fed.data),
    ...gradients.flatMap(({ own }) => own ?? []),
  ];
  const copies = gradients.reduce((sum, { value }) => sum + 4 * sizeOf(value.dims), 0);
  return arrays.reduce((sum, { byteLength }) => sum + byteLength, copies);
}

/** Threads spin, since a step keeps the cores busy anyway; memory is not laid out beforehand, which would double it. */
export function trainingSession({ provider, threads }: Pick<StepOptions, 'provider' | 'threads'>): SessionOptions {
  return {
    spinning: true,
    memoryPattern: false,
    ...(provider === undefined ? {} : { provider }),
    ...(threads === undefined ? {} : { threads }),
  };
}
