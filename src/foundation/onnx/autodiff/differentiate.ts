import { StudioError } from '../../core/errors.ts';
import { describeNode, type Node } from '../graph/graph.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import type { Value } from '../graph/static-graph.ts';
import type { GradientRule } from './gradient-rule.ts';
import { GRADIENT_RULES } from './rules/index.ts';
import { stopsGradient } from './stop-gradient.ts';
import { isFloat, readsAny, valuesReachedBy } from './support/flow.ts';
import { GradientSums } from './support/gradient-sums.ts';

/**
 * Reverse-mode differentiation: adds to the graph the gradients of a scalar loss by the given values, and only what
 * these gradients need. Values may be inputs, promoted weights or intermediate results; one on which the loss does not
 * depend gets zeros.
 *
 * @param loss a floating-point value without dimensions
 * @param by floating-point values of any dimensions
 * @param rules gradient rules by operator, to add some of one's own to {@link GRADIENT_RULES}
 * @returns one gradient per value of `by`, of its type and dimensions
 * @throws StudioError `invalid_model` when an operator on the way has no rule, or a form that its rule does not cover
 */
export function differentiate(
  builder: GraphBuilder,
  loss: Value,
  by: readonly Value[],
  rules: ReadonlyMap<string, GradientRule> = GRADIENT_RULES,
): Value[] {
  if (loss.dims.length > 0 || !isFloat(loss.type)) {
    throw new Error(`a loss is a floating-point scalar; "${loss.name}" is ${loss.type} [${loss.dims}]`);
  }
  const discrete = by.find((value) => !isFloat(value.type));
  if (discrete !== undefined) throw new Error(`"${discrete.name}" is ${discrete.type}: it has no gradient`);

  const nodes = [...builder.nodes()];
  const reached = valuesReachedBy(builder, nodes, by);
  const sums = new GradientSums(builder);
  sums.seed(loss);
  for (const node of nodes.reverse()) {
    if (stopsGradient(node) || !readsAny(node, reached)) continue;
    const outputGradients = node.outputs.map((name) => (reached.has(name) ? sums.of(name) : null));
    if (outputGradients.some((gradient) => gradient !== null)) propagate(node, outputGradients);
  }
  return by.map((value) => sums.of(value.name) ?? sums.zeros(value));

  function propagate(node: Node, outputGradients: ReadonlyArray<Value | null>): void {
    const operator = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    const rule = rules.get(operator);
    if (rule === undefined) throw noRule(node, operator);
    const gradients = rule.gradient({
      builder,
      node,
      inputs: node.inputs.map((name) => (name === '' ? null : builder.value(name))),
      outputs: node.outputs.flatMap((name) => (builder.has(name) ? [builder.value(name)] : [])),
      outputGradients,
      wanted: node.inputs.map((name) => reached.has(name)),
    });
    for (const [index, name] of node.inputs.entries()) {
      const gradient = gradients[index];
      if (reached.has(name) && gradient) sums.add(name, gradient);
    }
  }
}

function noRule(node: Node, operator: string): StudioError {
  return new StudioError(
    'invalid_model',
    `The node ${describeNode(node)} cannot be differentiated: there is no gradient rule for ${operator}.`,
    {
      hint: 'Freeze the layers below this node, or write a rule: docs/guides/add-an-operator.md.',
      details: { node: node.name, operator },
    },
  );
}
