import { join } from 'node:path';
import { createRandom } from '../../src/foundation/core/random.ts';
import { differentiate } from '../../src/foundation/onnx/autodiff/differentiate.ts';
import { isFloat } from '../../src/foundation/onnx/autodiff/support/flow.ts';
import { GraphBuilder } from '../../src/foundation/onnx/graph/graph-builder.ts';
import type { StaticGraph, Value } from '../../src/foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../src/foundation/onnx/graph/tensor.ts';
import { readModel } from '../../src/foundation/onnx/model-file/read-model.ts';
import { foldSmallWeights } from '../../src/foundation/onnx/prepare/fold-small-weights.ts';
import { specialise } from '../../src/foundation/onnx/prepare/specialise.ts';
import { feedsFor } from '../foundation/onnx/support/feeds.ts';

/** A whole encoder with a random scalar loss over its outputs, differentiated by all of its weights. */
export interface DifferentiatedEncoder {
  /** Gives the outputs and, last, the loss; every weight and input is an input. */
  readonly forward: StaticGraph;
  /** The loss's factors by output. */
  readonly factors: ReadonlyMap<string, Float32Array>;
  /** The gradient's name by the weight's. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly backward: StaticGraph;
  /** Weights and inputs by name. */
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Reads the encoder of a model folder for a small batch and differentiates a random weighted sum of its outputs. */
export async function differentiatedEncoder(folder: string): Promise<DifferentiatedEncoder> {
  const model = foldSmallWeights(await readModel(join(folder, 'encoder.onnx')));
  const weights = [...model.graph.initializers].filter(([, tensor]) => isFloat(tensor.type) && sizeOf(tensor.dims) > 1);
  const keep = new Set(weights.map(([name]) => name));
  const dims = Object.fromEntries(model.graph.inputs.map((input) => [input.name, smallDims(input.shape ?? [])]));
  const graph = await specialise(model, dims, { keep });
  const random = createRandom(7);
  const builder = new GraphBuilder(graph);
  const outputs = graph.outputs.filter(({ type }) => isFloat(type));
  const factors = outputs.map(({ dims }) => Float32Array.from({ length: sizeOf(dims) }, () => random.next() * 2 - 1));
  const terms = outputs.map((output, at) => {
    const factor = builder.constant(float32(output.dims, factors[at] as Float32Array));
    return builder.sumTo(builder.mul(output, factor), []);
  });
  const loss = terms.reduce((left, right) => builder.add(left, right));
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  const trained = [...keep].filter((name) => graph.constants.has(name) && read.has(name));
  const values = trained.map((name) => builder.promote(name));
  const forward = builder.build([...outputs, loss]);
  const gradients = differentiate(builder, loss, values);
  const named = new Map(trained.map((name, at) => [name, (gradients[at] as Value).name]));
  const constants = trained.map((name) => [name, graph.constants.get(name) as Tensor]);
  const feeds = { ...Object.fromEntries(constants), ...feedsFor(graph.inputs, dims) };
  const factorsByOutput = new Map(outputs.map(({ name }, at) => [name, factors[at] as Float32Array]));
  const backward = builder.build([...new Set(gradients)]);
  return { forward, factors: factorsByOutput, gradients: named, backward, feeds };
}

/** Three texts of nine tokens, or two pictures. */
const smallDims = (shape: ReadonlyArray<number | string | null>): number[] =>
  shape.map((size, axis) =>
    typeof size === 'number' && axis > 0
      ? size
      : shape.length === 4
        ? ([2, 3, 224, 224][axis] as number)
        : ([3, 9][axis] as number),
  );
