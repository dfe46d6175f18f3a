import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import { inlineGraph } from '../../../foundation/onnx/graph/inline-graph.ts';
import type { StaticGraph, Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { specialise } from '../../../foundation/onnx/prepare/specialise.ts';

/** The dimensions of each input of a model for one shape of a batch. */
export type InputDims = Readonly<Record<string, readonly number[]>>;

/**
 * The model of one side of a loss: from inputs to vectors `[rows, dimensions]`, its only output. Two sides that share it
 * share its weights, by their names.
 */
export class TowerGraph {
  readonly model: Model;
  readonly #keep: ReadonlySet<string>;
  readonly #specialised = new Map<string, Promise<StaticGraph>>();

  /** @param keep names of weights that must stay what they are in the graph: those that are trained. */
  constructor(model: Model, keep: ReadonlySet<string>) {
    this.model = model;
    this.#keep = keep;
  }

  /** Adds the model for inputs of these dimensions; they become inputs of the graph named `side.input`. */
  async add(builder: GraphBuilder, side: string, dims: InputDims): Promise<Value> {
    const graph = await this.#for(dims);
    const inputs = Object.fromEntries(
      graph.inputs.map((input) => [input.name, builder.input(`${side}.${input.name}`, input.type, input.dims)]),
    );
    const [vectors] = inlineGraph(builder, graph, { inputs, prefix: `${side}/` });
    if (vectors === undefined) throw new Error('the model has no output');
    return vectors;
  }

  #for(dims: InputDims): Promise<StaticGraph> {
    const key = JSON.stringify(dims);
    const known = this.#specialised.get(key);
    if (known !== undefined) return known;
    const made = specialise(this.model, dims, { keep: this.#keep });
    this.#specialised.set(key, made);
    return made;
  }
}
