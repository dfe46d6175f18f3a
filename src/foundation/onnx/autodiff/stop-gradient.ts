import type { Node } from '../graph/graph.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/static-graph.ts';

/** The mark stands in the node's name, so that it survives prefixes, copies and a model file. */
const MARK = 'StopGradient';

/** The same value, treated as a constant by differentiation: nothing flows back through it. Runs as Identity. */
export function stopGradient(builder: GraphBuilder, value: Value): Value {
  let serial = 0;
  while (builder.has(`${MARK}_${serial}`)) serial++;
  const name = `${MARK}_${serial}`;
  const node = { name, op: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} };
  return builder.append(node, [value])[0] as Value;
}

export const stopsGradient = (node: Node): boolean => node.op === 'Identity' && /StopGradient_\d+$/.test(node.name);
