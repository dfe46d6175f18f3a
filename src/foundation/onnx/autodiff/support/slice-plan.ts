/** Which elements of an axis a Slice takes. */
export interface SlicedAxis {
  readonly axis: number;
  readonly first: number;
  readonly step: number;
}

/** ONNX's clamping of Slice's starts: negative ones count from the end, those outside go to the border. */
export function slicedAxes(
  dims: readonly number[],
  starts: readonly number[],
  axes: readonly number[] = starts.map((_, position) => position),
  steps: readonly number[] = starts.map(() => 1),
): SlicedAxis[] {
  return starts.map((start, position) => {
    const axis = ((axes[position] as number) + dims.length) % dims.length;
    const size = dims[axis] as number;
    const step = steps[position] as number;
    const fromFront = start < 0 ? start + size : start;
    const last = step < 0 ? size - 1 : size;
    return { axis, step, first: Math.min(Math.max(fromFront, 0), last) };
  });
}
