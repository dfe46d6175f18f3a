import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { number } from './numbers.ts';

/** Zeros of another value's type and, unless others are given, dimensions. */
export const zerosLike = (builder: GraphBuilder, like: Value, dims: readonly number[] = like.dims): Value =>
  builder.expand(number(builder, like, 0), dims);
