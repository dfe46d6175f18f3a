import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { number } from './numbers.ts';

/** The part of a value from `start` to before `end` along one axis. */
export function part(builder: GraphBuilder, value: Value, axis: number, start: number, end: number): Value {
  if (start === 0 && end === value.dims[axis]) return value;
  const dims = value.dims.with(axis, end - start);
  const inputs = [value, builder.ints([start]), builder.ints([end]), builder.ints([axis])];
  return builder.node('Slice', inputs, { type: value.type, dims });
}

/** Puts zeros around a value (cuts it where a number is negative): `before` and `after` by axis. */
export function padded(
  builder: GraphBuilder,
  value: Value,
  before: readonly number[],
  after: readonly number[],
): Value {
  if ([...before, ...after].every((size) => size === 0)) return value;
  const dims = value.dims.map((size, axis) => size + (before[axis] as number) + (after[axis] as number));
  const zero = number(builder, value, 0);
  return builder.node('Pad', [value, builder.ints([...before, ...after]), zero], { type: value.type, dims });
}

/** Joins values along an axis. */
export function joined(builder: GraphBuilder, values: readonly Value[], axis: number): Value {
  const [first, ...others] = values as [Value, ...Value[]];
  if (others.length === 0) return first;
  const size = values.reduce((sum, value) => sum + (value.dims[axis] as number), 0);
  return builder.node('Concat', values, { type: first.type, dims: first.dims.with(axis, size) }, { axis });
}
