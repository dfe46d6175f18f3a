import { StudioError } from '../../../core/errors.ts';
import { describeNode, type Node } from '../../graph/graph.ts';
import type { Value } from '../../graph/static-graph.ts';
import { numbersOf } from '../../graph/tensor.ts';
import type { GradientContext } from '../gradient-rule.ts';

/** An input that the operator always has. */
export function inputOf(context: GradientContext, index: number): Value {
  const input = context.inputs[index];
  if (!input) throw notCovered(context.node, `its input ${index} is missing`);
  return input;
}

/** The gradient by the first output. Throws when one arrives at another output: such rules do not cover it. */
export function outputGradient(context: GradientContext): Value {
  const [first, ...others] = context.outputGradients;
  if (!first || others.some((gradient) => gradient !== null)) {
    throw notCovered(context.node, 'a gradient arrives at an output other than the first');
  }
  return first;
}

/** The integers of a constant input (axes, sizes, pads); undefined when it is left out. */
export function integersOf(context: GradientContext, index: number): number[] | undefined {
  const input = context.inputs[index];
  if (!input) return undefined;
  const tensor = context.builder.constantOf(input);
  if (tensor === undefined) throw notCovered(context.node, `its input "${input.name}" depends on the data`);
  return numbersOf(tensor);
}

/** The error of a rule that meets a form of its operator which it does not cover. */
export function notCovered(node: Node, why: string): StudioError {
  return new StudioError('invalid_model', `The node ${describeNode(node)} cannot be differentiated: ${why}.`, {
    hint: 'Freeze the layers below this node, or extend its rule: docs/guides/add-an-operator.md.',
    details: { node: node.name, operator: node.op },
  });
}
