import { intAttribute, type Node } from '../graph/graph.ts';
import { bfloatToFloat, halfToFloat } from '../graph/half-floats.ts';
import { sizeOf, type Tensor } from '../graph/tensor.ts';

/** The elements of a tensor of any type as float32, as Cast does it. */
export function widen(tensor: Tensor): Float32Array {
  const { type, data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  const values = new Float32Array(data);
  const decode = { float16: halfToFloat, bfloat16: bfloatToFloat }[type as string];
  if (decode !== undefined)
    for (let index = 0; index < values.length; index++) values[index] = decode(data[index] as number);
  return values;
}

/** The axis along which a DequantizeLinear has one scale per index; null when one scale serves all. */
export function dequantizeAxis(node: Node, weight: Tensor, scale: Tensor): number | null {
  if (scale.data.length === 1) return null;
  const axis = intAttribute(node, 'axis', 1);
  return axis < 0 ? axis + weight.dims.length : axis;
}

/**
 * DequantizeLinear: (weight − zero point) · scale in float32, with one scale for all, per index of the axis, or per
 * block of `block_size` along it. Null when the scale has none of these shapes.
 */
export function dequantize(node: Node, weight: Tensor, scale: Tensor, zeroPoint?: Tensor): Float32Array | null {
  const axis = dequantizeAxis(node, weight, scale);
  const length = axis === null ? 1 : (weight.dims[axis] ?? 0);
  const inner = axis === null ? 1 : sizeOf(weight.dims.slice(axis + 1));
  const block = intAttribute(node, 'block_size', 0);
  const perAxis = scale.dims.length <= 1;
  if (!perAxis && block === 0) return null;
  if (perAxis && axis !== null && scale.data.length !== length) return null;
  const blocks = block === 0 ? 0 : Math.ceil(length / block);
  const scales = widen(scale);
  const zeros = zeroPoint === undefined ? null : widen(zeroPoint);
  const values = widen(weight);
  let index = 0;
  for (let outer = 0; index < values.length; outer++) {
    for (let along = 0; along < length; along++) {
      for (let end = index + (axis === null ? values.length : inner), within = 0; index < end; index++, within++) {
        const at = perAxis ? along : (outer * blocks + Math.floor(along / block)) * inner + within;
        values[index] = ((values[index] as number) - (zeros?.[at] ?? 0)) * (scales[at] as number);
      }
    }
  }
  return values;
}
