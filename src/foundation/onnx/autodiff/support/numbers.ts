import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { ELEMENT_TYPES } from '../../graph/tensor.ts';

/** A scalar constant of the same element type as `like`. */
export const number = (builder: GraphBuilder, like: Value, value: number): Value =>
  builder.cast(builder.scalar(value), like.type, ELEMENT_TYPES[like.type].code);

/** A value times a number. */
export const scale = (builder: GraphBuilder, value: Value, factor: number): Value =>
  factor === 1 ? value : builder.mul(value, number(builder, value, factor));
