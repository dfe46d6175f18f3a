import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model, Node } from '../../../foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { principalAxes } from './principal-axes.ts';

/**
 * The model with its token table, `[vocabulary, width]`, written as `[vocabulary, rank] · [rank, width] + [width]`: rank-`rank`
 * principal components of its rows and their mean. The idea: Lan et al. 2020, "ALBERT", section 3.1.
 *
 * @throws StudioError `invalid_training` when the graph looks up no table by `input_ids`, or the rank is not below its width.
 */
export function factoriseTable(model: Model, rank: number): Model {
  const { graph } = model;
  const lookup = graph.nodes.find((node) => node.op === 'Gather' && node.inputs[1] === 'input_ids');
  const table = graph.initializers.get(lookup?.inputs[0] ?? '');
  if (lookup === undefined || table?.dims.length !== 2) {
    throw new StudioError('invalid_training', 'The graph looks up no token table by input_ids.');
  }
  const [rows, width] = table.dims as [number, number];
  if (!(rank >= 1 && rank < width)) {
    throw new StudioError(
      'invalid_training',
      `The table's width is ${width}; its rank must be from 1 to ${width - 1}.`,
    );
  }
  const { mean, axes } = principalAxes(table.data as Float32Array, rows, width, rank);
  const name = lookup.inputs[0] as string;
  const names = { table: `${name}.components`, axes: `${name}.axes`, mean: `${name}.mean` };
  const initializers = new Map<string, Tensor>(graph.initializers);
  initializers.delete(name);
  initializers.set(
    names.table,
    float32([rows, rank], project(table.data as Float32Array, mean, axes, rows, width, rank)),
  );
  initializers.set(names.axes, float32([rank, width], axes));
  initializers.set(names.mean, float32([width], mean));
  const output = lookup.outputs[0] as string;
  const step = (op: string, inputs: string[], result: string): Node => ({
    name: result,
    op,
    domain: '',
    inputs,
    outputs: [result],
    attributes: {},
  });
  const nodes = graph.nodes.flatMap((node) =>
    node === lookup
      ? [
          { ...lookup, inputs: [names.table, 'input_ids'], outputs: [`${output}/components`] },
          step('MatMul', [`${output}/components`, names.axes], `${output}/turned`),
          step('Add', [`${output}/turned`, names.mean], output),
        ]
      : [node],
  );
  return { ...model, graph: { ...graph, nodes, initializers } };
}

function project(
  table: Float32Array,
  mean: Float32Array,
  axes: Float32Array,
  rows: number,
  width: number,
  rank: number,
): Float32Array {
  const components = new Float32Array(rows * rank);
  for (let row = 0; row < rows; row++) {
    for (let axis = 0; axis < rank; axis++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        sum += ((table[row * width + i] as number) - (mean[i] as number)) * (axes[axis * width + i] as number);
      }
      components[row * rank + axis] = sum;
    }
  }
  return components;
}
