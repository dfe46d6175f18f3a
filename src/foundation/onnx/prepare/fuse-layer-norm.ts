import { positiveAxes } from '../graph/dims.ts';
import { type Graph, intAttribute, type Node } from '../graph/graph.ts';
import type { Value } from '../graph/static-graph.ts';
import { numbersOf, sameDims } from '../graph/tensor.ts';
import { Patterns, replaceNodes } from './patterns.ts';
import { prune } from './prune.ts';

/**
 * (x − mean) / √(variance + ε) · weight + bias over the last axes, spelled out in single operators by older exporters,
 * becomes one LayerNormalization (Ba, Kiros and Hinton 2016).
 */
export function fuseLayerNorm(graph: Graph, values: ReadonlyMap<string, Value>): Graph {
  const withBias = fuse(graph, values, (node, patterns) => {
    const scaled =
      node.op === 'Add' ? patterns.split(node, (name) => scaledNorm(patterns.giver(name, 'Mul'), patterns)) : undefined;
    return scaled && { ...scaled.match, bias: scaled.other };
  });
  return fuse(withBias, values, scaledNorm);
}

interface Norm {
  readonly from: string;
  readonly axis: number;
  readonly epsilon: number;
}

interface ScaledNorm extends Norm {
  readonly weight: string;
  readonly bias?: string;
}

function fuse(
  graph: Graph,
  values: ReadonlyMap<string, Value>,
  find: (node: Node, patterns: Patterns) => ScaledNorm | undefined,
): Graph {
  const patterns = new Patterns(graph, values);
  return prune(
    replaceNodes(graph, (node) => {
      const found = node.domain === '' ? find(node, patterns) : undefined;
      if (found === undefined) return undefined;
      const { from, axis, epsilon, weight, bias } = found;
      const normalised = patterns.dims(from).slice(axis);
      const parameters = bias === undefined ? [weight] : [weight, bias];
      if (!parameters.every((name) => patterns.constant(name) && sameDims(patterns.dims(name), normalised)))
        return undefined;
      return {
        ...node,
        op: 'LayerNormalization',
        inputs: [from, ...parameters],
        attributes: { axis: { kind: 'int', value: axis }, epsilon: { kind: 'float', value: epsilon } },
      };
    }),
  );
}

function scaledNorm(node: Node | undefined, patterns: Patterns): ScaledNorm | undefined {
  if (node?.op !== 'Mul') return undefined;
  const scaled = patterns.split(node, (name) => norm(name, patterns));
  return scaled && { ...scaled.match, weight: scaled.other };
}

/** (x − mean) / √(mean((x − mean)²) + ε). */
function norm(name: string, patterns: Patterns): Norm | undefined {
  const quotient = patterns.giver(name, 'Div');
  const [centred = '', deviation] = quotient?.inputs ?? [];
  const difference = patterns.giver(centred, 'Sub');
  const sum = patterns.giver(patterns.giver(deviation, 'Sqrt')?.inputs[0], 'Add');
  const variance = sum && patterns.split(sum, (operand) => patterns.giver(operand, 'ReduceMean'));
  const epsilon = patterns.number(variance?.other);
  const [from = '', mean] = difference?.inputs ?? [];
  const meanNode = patterns.giver(mean, 'ReduceMean');
  if (variance === undefined || epsilon === undefined || meanNode?.inputs[0] !== from) return undefined;
  if (!isSquare(variance.match.inputs[0], centred, patterns)) return undefined;
  const axis = firstOfLastAxes(meanNode, from, patterns);
  return axis !== undefined && axis === firstOfLastAxes(variance.match, centred, patterns)
    ? { from, axis, epsilon }
    : undefined;
}

function isSquare(name: string | undefined, of: string, patterns: Patterns): boolean {
  const power = patterns.giver(name, 'Pow');
  if (power !== undefined) return power.inputs[0] === of && patterns.isNumber(power.inputs[1], 2);
  return patterns.giver(name, 'Mul')?.inputs.every((operand) => operand === of) ?? false;
}

/** Where the reduced axes begin, if they are the last ones and are kept as ones. */
function firstOfLastAxes(reduction: Node, of: string, patterns: Patterns): number | undefined {
  const axes = patterns.constant(reduction.inputs[1]);
  const rank = patterns.dims(of).length;
  if (axes === undefined || intAttribute(reduction, 'keepdims', 1) !== 1) return undefined;
  const sorted = positiveAxes(numbersOf(axes), rank).sort((left, right) => left - right);
  const first = sorted[0];
  return first !== undefined && sorted.every((axis, index) => axis === rank - sorted.length + index)
    ? first
    : undefined;
}
