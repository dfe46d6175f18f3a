import type { GraphBuilder } from './graph-builder.ts';
import type { StaticGraph, Value } from './static-graph.ts';
import { sameDims, sameTensor } from './tensor.ts';

export interface InlineOptions {
  /** What takes the place of each of the graph's inputs; an input that is left out becomes one of the builder, prefixed. */
  readonly inputs?: Readonly<Record<string, Value>>;
  /** Put before the names of the values that the copied nodes give; two copies need two prefixes. */
  readonly prefix: string;
}

/**
 * Copies a graph's nodes into the builder and gives its outputs there. Constants keep their names: where the builder
 * holds the same constant already, or has promoted it to an input, it is shared, so that two copies are two towers
 * with the same weights. A constant that only has the same name is copied under the prefix.
 *
 * @example
 * const [queries] = inlineGraph(builder, encoder, { prefix: 'query/' });
 * const [items] = inlineGraph(builder, encoder, { prefix: 'item/' });
 */
export function inlineGraph(builder: GraphBuilder, graph: StaticGraph, options: InlineOptions): Value[] {
  const { inputs = {}, prefix } = options;
  builder.raiseOpset(graph.opset);
  const here = new Map<string, string>([['', '']]);
  for (const input of graph.inputs) {
    const given = inputs[input.name] ?? builder.input(prefix + input.name, input.type, input.dims);
    if (given.type !== input.type || !sameDims(given.dims, input.dims)) {
      throw new Error(
        `input "${input.name}" is ${input.type} [${input.dims}], not ${given.type} [${given.dims}] ("${given.name}")`,
      );
    }
    here.set(input.name, given.name);
  }
  for (const name of graph.constants.keys()) here.set(name, constantHere(builder, graph, name, prefix));
  const nameHere = (name: string): string => here.get(name) ?? prefix + name;
  for (const node of graph.nodes) {
    const results = node.outputs.map((name) => graph.values.get(name) ?? null);
    builder.append(
      {
        ...node,
        name: prefix + node.name,
        inputs: node.inputs.map(nameHere),
        outputs: node.outputs.map((name) => (name === '' ? '' : prefix + name)),
      },
      results,
    );
  }
  return graph.outputs.map((output) => builder.value(nameHere(output.name)));
}

function constantHere(builder: GraphBuilder, graph: StaticGraph, name: string, prefix: string): string {
  const tensor = graph.constants.get(name);
  if (tensor === undefined) throw new Error(`the graph has no constant "${name}"`);
  if (!builder.has(name)) return builder.constant(tensor, name).name;
  const there = builder.value(name);
  const held = builder.constantOf(there);
  const shared =
    held === undefined
      ? builder.isPromoted(name) && there.type === tensor.type && sameDims(there.dims, tensor.dims)
      : sameTensor(held, tensor);
  return shared ? name : builder.constant(tensor, prefix + name).name;
}
