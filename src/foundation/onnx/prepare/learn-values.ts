import { describeNode, type Graph, type Model, type Node } from '../graph/graph.ts';
import type { Value } from '../graph/static-graph.ts';
import { ELEMENT_TYPES, type ElementType, numbersOf, type Tensor } from '../graph/tensor.ts';
import { undeclared } from '../model-file/encode-value-info.ts';
import { invalidModel } from '../model-file/invalid-model.ts';
import { feedLarge, openAsIs } from './run-small.ts';

/**
 * The type and dimensions of every value of a graph whose inputs all have fixed dimensions. Types are what onnxruntime
 * infers; dimensions are observed in one run with zeros, in which only the shapes are kept.
 */
export async function learnValues(model: Model): Promise<Map<string, Value>> {
  const { graph } = model;
  const names = graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== '');
  const types = await learnTypes(model, names);
  const dims = await learnDims(model, names);
  const values = new Map<string, Value>();
  for (const input of graph.inputs) {
    values.set(input.name, { name: input.name, type: input.type, dims: input.shape as readonly number[] });
  }
  for (const [name, tensor] of graph.initializers) values.set(name, { name, type: tensor.type, dims: tensor.dims });
  for (const name of names) {
    const type = types[name];
    if (!isElementType(type)) throw unsupportedType(graph, name, type);
    values.set(name, { name, type, dims: dims.get(name) as readonly number[] });
  }
  return values;
}

async function learnTypes(model: Model, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { inputs, initializers } = feedLarge(model.graph.initializers);
  const session = await open(model, model.graph.nodes, {
    inputs: [...model.graph.inputs, ...inputs],
    initializers,
    outputs: names.map(undeclared),
  });
  await session.release();
  return session.outputTypes;
}

async function learnDims(model: Model, names: readonly string[]): Promise<Map<string, number[]>> {
  const { graph } = model;
  const { inputs, initializers, feeds } = feedLarge(graph.initializers);
  const shapeOf = new Map(names.map((name, index) => [name, `shape ${index} of value`]));
  const shapes = Array.from(shapeOf, ([name, shape]): Node => {
    return { name: shape, op: 'Shape', domain: '', inputs: [name], outputs: [shape], attributes: {} };
  });
  // onnxruntime runs a graph backward from its last leaf: the first value's shape comes last, so that the value is asked for
  // and let go first. The other way round all values would be alive at once.
  const session = await open(model, [...graph.nodes, ...shapes.reverse()], {
    inputs: [...graph.inputs, ...inputs],
    initializers,
    outputs: shapes.map((node) => ({ name: node.name, type: 'int64', shape: null })),
  });
  try {
    const zeros = graph.inputs.map((input) => [input.name, zerosOf(input.type, input.shape as number[])]);
    const found = await session.run({ ...feeds, ...Object.fromEntries(zeros) });
    return new Map(Array.from(shapeOf, ([name, shape]) => [name, numbersOf(found[shape] as Tensor)]));
  } catch (cause) {
    throw refused(graph, cause);
  } finally {
    await session.release();
  }
}

async function open(
  model: Model,
  nodes: readonly Node[],
  rest: Pick<Graph, 'inputs' | 'outputs' | 'initializers'>,
): ReturnType<typeof openAsIs> {
  try {
    return await openAsIs(model, { nodes, ...rest });
  } catch (cause) {
    throw refused(model.graph, cause);
  }
}

function zerosOf(type: ElementType, dims: readonly number[]): Tensor {
  const { array } = ELEMENT_TYPES[type];
  return { type, dims, data: new array(dims.reduce((product, size) => product * size, 1)) };
}

const isElementType = (type: string | undefined): type is ElementType => type !== undefined && type in ELEMENT_TYPES;

function unsupportedType(graph: Graph, name: string, type: string | undefined): Error {
  const node = graph.nodes.find((candidate) => candidate.outputs.includes(name)) as Node;
  return invalidModel(
    `${describeNode(node)} gives "${name}" of type ${type ?? 'unknown'}, which is not supported.`,
    'Export a model that computes with tensors of numbers alone.',
  );
}

/** Puts the node's name before what onnxruntime says, where it can be found there. */
function refused(graph: Graph, cause: unknown): Error {
  const said = cause instanceof Error ? cause.message : String(cause);
  const node =
    graph.nodes.find((candidate) => candidate.name !== '' && said.includes(candidate.name)) ??
    graph.nodes.find((candidate) => candidate.op !== '' && said.includes(`${candidate.op}(`));
  return invalidModel(
    `${node === undefined ? 'the graph' : describeNode(node)} cannot be run with these input dimensions: ${said}`,
    'Check the dimensions of the inputs; if the operator is unknown, export the model with standard ones.',
    cause,
  );
}
