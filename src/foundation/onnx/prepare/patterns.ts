import type { Graph, Node } from '../graph/graph.ts';
import type { Value } from '../graph/static-graph.ts';
import { numbersOf, type Tensor } from '../graph/tensor.ts';

/** Looks backwards from values to what gives them, for finding expressions. */
export class Patterns {
  readonly #graph: Graph;
  readonly #givers: ReadonlyMap<string, Node>;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(graph: Graph, values: ReadonlyMap<string, Value>) {
    this.#graph = graph;
    this.#givers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
    this.#values = values;
  }

  /** The standard node of this operator that gives the value. */
  giver(name: string | undefined, op: string): Node | undefined {
    const node = this.#givers.get(name ?? '');
    return node?.op === op && node.domain === '' ? node : undefined;
  }

  dims(name: string): readonly number[] {
    return this.#values.get(name)?.dims ?? [];
  }

  constant(name: string | undefined): Tensor | undefined {
    return this.#graph.initializers.get(name ?? '');
  }

  /** The number that a constant of one element holds. */
  number(name: string | undefined): number | undefined {
    const tensor = this.constant(name);
    return tensor?.data.length === 1 ? numbersOf(tensor)[0] : undefined;
  }

  /** Whether a constant of one element holds this number, to the precision of fp32. */
  isNumber(name: string | undefined, expected: number): boolean {
    const found = this.number(name);
    return found !== undefined && Math.abs(found - expected) <= 1e-6 * Math.abs(expected);
  }

  /** The operand of a commutative node beside the one for which `matches` gives something, and what it gave. */
  split<Match>(node: Node, matches: (name: string) => Match | undefined): { match: Match; other: string } | undefined {
    const [left = '', right = ''] = node.inputs;
    const first = matches(left);
    if (first !== undefined) return { match: first, other: right };
    const second = matches(right);
    return second === undefined ? undefined : { match: second, other: left };
  }
}

/** A graph in which `replace` has put other nodes in the place of some; same outputs under the same names. */
export function replaceNodes(graph: Graph, replace: (node: Node) => Node | undefined): Graph {
  let changed = false;
  const nodes = graph.nodes.map((node) => {
    const other = replace(node);
    changed ||= other !== undefined;
    return other ?? node;
  });
  return changed ? { ...graph, nodes } : graph;
}
