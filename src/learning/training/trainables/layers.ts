import { StudioError } from '../../../foundation/core/errors.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import type { LayeredParameters } from './layered-parameters.ts';
import { layersByShape } from './layers-by-shape.ts';

/** `encoder.layer.3.`, `/encoder/layer.3/`, `blocks.3.`, `h.3.`, `b3_`. */
const LAYER = /(?:^|[._/])(?:layers?|blocks?|h|b)[._]?(\d+)(?=[._/])/;

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv']);

/**
 * Places each of a model's weights in a layer: by its own name, else by the name of a node that reads it (exporters call
 * weights `onnx::MatMul_345` and the node after its module), else by the weight that its product meets next (a matrix and
 * its bias), else by the order of use. Where no name helps, layers are a sequence of shapes that repeats itself.
 *
 * @param names the weights that could be trained.
 */
export function layersOf(model: Model, names: ReadonlySet<string>): LayeredParameters {
  const placed = new Map<string, number | null>();
  const readers = new Map<string, string[]>();
  for (const node of model.graph.nodes) {
    const output = node.outputs[0] ?? '';
    for (const input of node.inputs) {
      readers.set(input, [...(readers.get(input) ?? []), ...node.inputs.filter((other) => names.has(other))]);
      if (names.has(input))
        placed.set(input, placed.get(input) ?? layerIn(input) ?? layerIn(node.name) ?? layerIn(output));
    }
  }
  const order = [...placed.keys()];
  for (const node of model.graph.nodes) {
    if (!PRODUCTS.has(node.op)) continue;
    for (const input of node.inputs) {
      if (placed.get(input) !== null) continue;
      const met = (readers.get(node.outputs[0] ?? '') ?? []).flatMap((name) => placed.get(name) ?? []);
      if (met[0] !== undefined) placed.set(input, met[0]);
    }
  }
  const numbers = [...placed.values()].flatMap((layer) => layer ?? []);
  if (numbers.length === 0) return layersByShape(order, model.graph.initializers);
  const layers = Math.max(...numbers) + 1;
  return { layers, parameters: order.map((name, at) => ({ name, layer: placed.get(name) ?? between(at) })) };

  /** Before the first numbered weight −1, after the last one the number of layers, else the layer of the next. */
  function between(at: number): number {
    const numbered = (name: string): boolean => (placed.get(name) ?? null) !== null;
    if (!order.slice(0, at).some(numbered)) return -1;
    const next = order.slice(at).find(numbered);
    return next === undefined ? layers : (placed.get(next) as number);
  }
}

const layerIn = (name: string): number | null => {
  const found = LAYER.exec(name);
  return found === null ? null : Number(found[1]);
};

/**
 * The weights of the last `count` layers and of what follows them.
 *
 * @throws StudioError `invalid_training` when the graph's layers are not recognised or are fewer.
 */
export function lastLayers({ parameters, layers }: LayeredParameters, count: number): string[] {
  if (layers === 0) {
    throw new StudioError(
      'invalid_training',
      'The layers of this model cannot be told from the names and shapes in its graph.',
      {
        hint: 'Train all of it, or with LoRA, or name the weights by a pattern.',
      },
    );
  }
  if (count > layers) {
    throw new StudioError(
      'invalid_training',
      `The last ${count} layers shall be trained, and the model has ${layers}.`,
    );
  }
  return parameters.filter(({ layer }) => layer >= layers - count).map(({ name }) => name);
}
