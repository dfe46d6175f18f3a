import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { LayeredParameters } from './layered-parameters.ts';

/** Fewer weights than these are no layer: two matrices in a row may have one shape by chance. */
const SMALLEST_LAYER = 3;

/**
 * Layers as the longest stretch of weights, in the order of their use, whose shapes repeat: what comes before is below
 * the first layer, what comes after above the last. A graph without such a stretch has 0 layers.
 */
export function layersByShape(order: readonly string[], weights: ReadonlyMap<string, Tensor>): LayeredParameters {
  const shapes = order.map((name) => String(weights.get(name)?.dims));
  let best = { start: 0, period: 0, repeats: 0 };
  for (let period = SMALLEST_LAYER; 2 * period <= shapes.length; period++) {
    for (let start = 0; start + 2 * period <= shapes.length; start++) {
      const repeats = repeatsFrom(shapes, start, period);
      if (repeats >= 2 && repeats * period > best.repeats * best.period) best = { start, period, repeats };
    }
  }
  const { start, period, repeats } = best;
  const end = start + repeats * period;
  const layerAt = (at: number): number =>
    at < start ? -1 : at >= end ? repeats : Math.floor((at - start) / Math.max(1, period));
  return { layers: repeats, parameters: order.map((name, at) => ({ name, layer: layerAt(at) })) };
}

function repeatsFrom(shapes: readonly string[], start: number, period: number): number {
  let same = 0;
  while (start + period + same < shapes.length && shapes[start + same] === shapes[start + period + same]) same++;
  return 1 + Math.floor(same / period);
}
