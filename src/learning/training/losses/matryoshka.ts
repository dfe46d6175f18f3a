import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { scaled, sliceAxis, unitRows } from './arithmetic.ts';

/** A prefix of the vectors that shall be useful alone, and how much it counts. */
export interface MatryoshkaPrefix {
  readonly dimensions: number;
  readonly weight: number;
}

/**
 * A loss asked of prefixes of the vectors as well, so that an index may keep the first dimensions alone. Each prefix is
 * scaled to length 1 before the loss sees it.
 * Kusupati et al. 2022, "Matryoshka Representation Learning".
 *
 * @param vectors several `[rows, dimensions]`, cut alike.
 * @returns Σ weight · loss(prefix), a scalar.
 * @example matryoshka(builder, [queries, items], [{dimensions: 384, weight: 1}, {dimensions: 128, weight: 1}], loss)
 */
export function matryoshka(
  builder: GraphBuilder,
  vectors: readonly Value[],
  prefixes: readonly MatryoshkaPrefix[],
  loss: (vectors: readonly Value[]) => Value,
): Value {
  const parts = prefixes.map(({ dimensions, weight }) => {
    const cut = vectors.map((value) =>
      dimensions === value.dims[1] ? value : unitRows(builder, sliceAxis(builder, value, 1, 0, dimensions)),
    );
    return scaled(builder, loss(cut), weight);
  });
  return parts.reduce((sum, part) => builder.add(sum, part));
}
