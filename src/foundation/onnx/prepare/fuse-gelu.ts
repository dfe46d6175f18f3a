import type { Graph, Node } from '../graph/graph.ts';
import type { Value } from '../graph/static-graph.ts';
import { Patterns, replaceNodes } from './patterns.ts';
import { prune } from './prune.ts';

/**
 * x·½·(1 + erf(x/√2)), in whatever order it is multiplied, becomes one Gelu (Hendrycks and Gimpel 2016): one kernel
 * instead of five, and one activation to keep for the gradient instead of four.
 */
export function fuseGelu(graph: Graph, values: ReadonlyMap<string, Value>): Graph {
  const patterns = new Patterns(graph, values);
  return prune(
    replaceNodes(graph, (node) => {
      const from = geluOf(node, patterns);
      return from === undefined ? undefined : { ...node, op: 'Gelu', inputs: [from], attributes: {} };
    }),
  );
}

function geluOf(node: Node, patterns: Patterns): string | undefined {
  if (node.op !== 'Mul' || node.domain !== '') return undefined;
  const factors = factorsOf(node, patterns);
  if (factors.length !== 3) return undefined;
  const rest = factors.filter((name) => !patterns.isNumber(name, 0.5));
  const argument = rest.map((name) => argumentOfErf(name, patterns)).find((name) => name !== undefined);
  return rest.length === 2 && argument !== undefined && rest.includes(argument) ? argument : undefined;
}

/** What a product multiplies, products within it taken apart. */
function factorsOf(product: Node, patterns: Patterns): string[] {
  return product.inputs.flatMap((name) => {
    const inner = patterns.giver(name, 'Mul');
    return inner === undefined ? [name] : inner.inputs;
  });
}

/** The x of 1 + erf(x/√2). */
function argumentOfErf(name: string, patterns: Patterns): string | undefined {
  const sum = patterns.giver(name, 'Add');
  const erf = sum && patterns.split(sum, (operand) => patterns.giver(operand, 'Erf'));
  if (erf === undefined || !patterns.isNumber(erf.other, 1)) return undefined;
  const scaled = erf.match.inputs[0];
  const quotient = patterns.giver(scaled, 'Div');
  if (quotient !== undefined) return patterns.isNumber(quotient.inputs[1], Math.SQRT2) ? quotient.inputs[0] : undefined;
  const product = patterns.giver(scaled, 'Mul');
  const isScale = (operand: string) => patterns.isNumber(operand, Math.SQRT1_2) || undefined;
  return product && patterns.split(product, isScale)?.other;
}
