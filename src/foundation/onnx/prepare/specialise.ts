import type { Model, Node, ValueInfo } from '../graph/graph.ts';
import { MINIMUM_STATIC_OPSET, type StaticGraph, type Value } from '../graph/static-graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { namesRead } from '../graph/used-names.ts';
import { invalidModel } from '../model-file/invalid-model.ts';
import { computeInFloat32 } from './compute-in-float32.ts';
import { foldConstants } from './fold-constants.ts';
import { fuseGelu } from './fuse-gelu.ts';
import { fuseLayerNorm } from './fuse-layer-norm.ts';
import { inlineBranches } from './inline-branches.ts';
import { fixInputs } from './input-dims.ts';
import { learnValues } from './learn-values.ts';
import { prune } from './prune.ts';
import { refuseDataShapes, refuseOperators, refuseUnknownDomains } from './refuse.ts';
import { simplify } from './simplify.ts';
import { upgradeOpset } from './upgrade-opset.ts';

export interface SpecialiseOptions {
  /** Which outputs to keep; default all. */
  readonly outputs?: readonly string[];
  /** Inputs that always have one value (token types that are zero): they become constants, and are folded away. */
  readonly fixed?: Readonly<Record<string, Tensor>>;
  /** Weights that will be trained: they stay what they are, even where only constants are computed from them. */
  readonly keep?: ReadonlySet<string>;
}

/**
 * The model for one choice of input dimensions: operator set {@link MINIMUM_STATIC_OPSET} or later, everything that
 * depends on constants and shapes alone computed beforehand, every type and dimension known. Gives the same outputs as
 * the model. Throws `invalid_model`, naming the node, for what cannot be trained through.
 *
 * @param inputDims dimensions by input name; inputs that declare fixed dimensions can be left out
 * @example
 * const model = foldSmallWeights(await readModel(file));
 * const graph = await specialise(model, { input_ids: [32, 16], attention_mask: [32, 16] });
 */
export async function specialise(
  model: Model,
  inputDims: Readonly<Record<string, readonly number[]>>,
  { outputs, fixed = {}, keep = new Set() }: SpecialiseOptions = {},
): Promise<StaticGraph> {
  refuseUnknownDomains(model);
  const wide = computeInFloat32(model);
  const inputs = fixInputs(wide, inputDims, fixed);
  const chosen = chooseOutputs(wide, outputs);
  const initializers = new Map([...wide.graph.initializers, ...Object.entries(fixed)]);
  const upgraded = upgradeOpset({ ...wide, graph: { ...wide.graph, inputs, initializers, outputs: chosen } });
  const sorted = { ...upgraded, graph: prune({ ...upgraded.graph, nodes: inRunningOrder(upgraded.graph.nodes) }) };
  const fed = new Set(inputs.map((input) => input.name));
  refuseDataShapes(sorted.graph.nodes, (name) => !fed.has(name));
  const { folded, values } = await foldShapes(await foldConstants(sorted, new Map(), keep), keep);
  const simple = prune(simplify(folded.graph, values));
  const graph = fuseGelu(fuseLayerNorm(simple, values), values);
  refuseOperators(graph.nodes);
  refuseDataShapes(graph.nodes, (name) => graph.initializers.has(name));
  return staticGraphOf({ ...folded, graph }, values);
}

/** Learns every shape and folds what follows from them, once more for branches that are then known to be taken. */
async function foldShapes(
  model: Model,
  keep: ReadonlySet<string>,
): Promise<{ folded: Model; values: ReadonlyMap<string, Value> }> {
  const straight = { ...model, graph: inlineBranches(model.graph) };
  const values = await learnValues(straight);
  const dims = new Map(Array.from(values, ([name, value]) => [name, value.dims]));
  const folded = await foldConstants(straight, dims, keep);
  const again = inlineBranches(folded.graph);
  return again === folded.graph ? { folded, values } : foldShapes({ ...folded, graph: again }, keep);
}

function chooseOutputs({ graph }: Model, names: readonly string[] | undefined): readonly ValueInfo[] {
  if (names === undefined) return graph.outputs;
  return names.map((name) => {
    const output = graph.outputs.find((candidate) => candidate.name === name);
    if (output !== undefined) return output;
    const have = graph.outputs.map((candidate) => candidate.name).join(', ');
    throw invalidModel(`the model has no output "${name}"; it has ${have}.`, 'Name one of these outputs.');
  });
}

/** ONNX demands this order; some writers append without sorting. */
function inRunningOrder(nodes: readonly Node[]): readonly Node[] {
  const giver = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const done = new Set<Node>();
  const visit = (node: Node): void => {
    if (done.has(node)) return;
    done.add(node);
    for (const name of namesRead(node)) {
      const before = giver.get(name);
      if (before !== undefined) visit(before);
    }
    sorted.push(node);
  };
  const sorted: Node[] = [];
  for (const node of nodes) visit(node);
  return sorted;
}

function staticGraphOf({ graph, opsets }: Model, learnt: ReadonlyMap<string, Value>): StaticGraph {
  const values = new Map<string, Value>();
  for (const { name } of graph.inputs) values.set(name, learnt.get(name) as Value);
  for (const [name, { type, dims }] of graph.initializers) values.set(name, { name, type, dims });
  for (const name of graph.nodes.flatMap((node) => node.outputs)) {
    if (name !== '') values.set(name, learnt.get(name) as Value);
  }
  return {
    opset: opsets.get('') ?? MINIMUM_STATIC_OPSET,
    nodes: graph.nodes,
    constants: graph.initializers,
    inputs: graph.inputs.map(({ name }) => values.get(name) as Value),
    outputs: graph.outputs.map(({ name }) => values.get(name) as Value),
    values,
  };
}
