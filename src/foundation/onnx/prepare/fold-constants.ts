import { intAttribute, type Model, type Node } from '../graph/graph.ts';
import { int64, type Tensor } from '../graph/tensor.ts';
import { namesRead } from '../graph/used-names.ts';
import { undeclared } from '../model-file/encode-value-info.ts';
import { liftConstants } from './constants.ts';
import { neededFor, prune } from './prune.ts';
import { isRandom } from './refuse.ts';
import { feedLarge, openAsIs } from './run-small.ts';

/**
 * Computes everything that depends on constants alone, once, with onnxruntime, and keeps the results as initializers of
 * the same names. `dims` are the known dimensions of values: Shape and Size of these are constants as well. What reads an
 * initializer of `keep` is not folded.
 */
export async function foldConstants(
  model: Model,
  dims: ReadonlyMap<string, readonly number[]> = new Map(),
  keep: ReadonlySet<string> = new Set(),
): Promise<Model> {
  const graph = foldShapes(liftConstants(model.graph), dims);
  const isConstant = new Set([...graph.initializers.keys()].filter((name) => !keep.has(name)));
  const constantNodes = new Set<Node>();
  for (const node of graph.nodes) {
    if (!isFoldable(node) || !node.inputs.every((name) => name === '' || isConstant.has(name))) continue;
    constantNodes.add(node);
    for (const name of node.outputs) isConstant.add(name);
  }
  const rest = graph.nodes.filter((node) => !constantNodes.has(node));
  const wanted = new Set([
    ...rest.flatMap((node) => [...namesRead(node)]),
    ...graph.outputs.map((output) => output.name),
  ]);
  const names = [...constantNodes].flatMap((node) => node.outputs).filter((name) => name !== '' && wanted.has(name));
  const results = names.length === 0 ? {} : await compute({ ...model, graph }, [...constantNodes], names);
  const initializers = new Map([...graph.initializers, ...Object.entries(results)]);
  return { ...model, graph: prune({ ...graph, nodes: rest, initializers }) };
}

/** Bodies of control flow may read values from around them, which `inputs` does not show. */
const isFoldable = (node: Node): boolean =>
  node.domain === '' &&
  !isRandom(node) &&
  !Object.values(node.attributes).some((attribute) => attribute.kind === 'graph');

function foldShapes(graph: Model['graph'], dims: ReadonlyMap<string, readonly number[]>): Model['graph'] {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const known = dims.get(node.inputs[0] ?? '');
    const value = known === undefined ? undefined : shapeValue(node, known);
    if (value !== undefined) initializers.set(node.outputs[0] as string, value);
    return value === undefined;
  });
  return { ...graph, nodes, initializers };
}

function shapeValue(node: Node, dims: readonly number[]): Tensor | undefined {
  if (node.domain !== '') return undefined;
  if (node.op === 'Size') return { ...int64([dims.reduce((product, size) => product * size, 1)]), dims: [] };
  if (node.op !== 'Shape') return undefined;
  return int64(dims.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', dims.length)));
}

async function compute(
  model: Model,
  nodes: readonly Node[],
  names: readonly string[],
): Promise<Record<string, Tensor>> {
  const needed = neededFor(
    nodes,
    names.map((name) => ({ name })),
  );
  const { inputs, initializers, feeds } = feedLarge(
    new Map([...model.graph.initializers].filter(([name]) => needed.read.has(name))),
  );
  const session = await openAsIs(model, { nodes: needed.nodes, inputs, initializers, outputs: names.map(undeclared) });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
