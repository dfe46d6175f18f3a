import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { number } from './numbers.ts';

/** Passes a value where a condition holds, zero elsewhere. */
export const keepWhere = (builder: GraphBuilder, condition: Value, value: Value): Value =>
  builder.where(condition, value, number(builder, value, 0));

/** Whether each element lies strictly between two numbers. */
export function between(builder: GraphBuilder, value: Value, low: number, high: number): Value {
  const above = builder.greater(value, number(builder, value, low));
  return builder.node('And', [above, builder.less(value, number(builder, value, high))], above);
}
