import { f32, f64, f64x2, i32, local, type ValueType, whileLoop } from './instructions.ts';
import type { WasmFunction } from './wasm-module.ts';

/**
 * `sumOfSquares(address, count): f64`. Squares and sums in float64, in a fixed order: the norm of a hundred million
 * gradients keeps its digits, and the same input gives the same bits.
 */
export function sumOfSquares(): WasmFunction {
  const [address, count, end, low, high, total] = [0, 1, 2, 3, 4, 5] as const;
  const locals: ValueType[] = ['i32', 'v128', 'v128', 'f64'];
  const square = (load: readonly number[], sum: number, offset: number) => [
    ...local.get(sum),
    ...[...local.get(address), ...i32.constant(offset), ...i32.add, ...load, ...local.set(SCRATCH)],
    ...[...local.get(SCRATCH), ...local.get(SCRATCH), ...f64x2.mul, ...f64x2.add, ...local.set(sum)],
  ];
  const pair = [...f64x2.loadPair, ...f64x2.promotePair];
  const forward = (bytes: number) => [...local.get(address), ...i32.constant(bytes), ...i32.add, ...local.set(address)];
  const lanes = [low, high].flatMap((sum) =>
    [0, 1].flatMap((lane) => [
      ...[...local.get(total), ...local.get(sum), ...f64x2.extractLane(lane), ...f64.add, ...local.set(total)],
    ]),
  );
  const single = [...local.get(address), ...f32.load, ...f64.promote];
  const quads = [...local.get(count), ...i32.constant(-4), ...i32.and];
  const rest = [...local.get(count), ...i32.constant(3), ...i32.and];
  const endAfter = (elements: readonly number[]) => [
    ...[...local.get(address), ...elements, ...i32.constant(2), ...i32.shiftLeft, ...i32.add, ...local.set(end)],
  ];
  const unfinished = [...local.get(address), ...local.get(end), ...i32.below];
  return {
    name: 'sumOfSquares',
    parameters: ['i32', 'i32'],
    results: ['f64'],
    locals: [...locals, 'v128'],
    code: [
      ...endAfter(quads),
      ...whileLoop(unfinished, [...square(pair, low, 0), ...square(pair, high, 8), ...forward(16)]),
      ...lanes,
      ...endAfter(rest),
      ...whileLoop(unfinished, [
        ...[...local.get(total), ...single, ...single, ...f64.mul, ...f64.add, ...local.set(total)],
        ...forward(4),
      ]),
      ...local.get(total),
    ],
  };
}

/** Index of the variable that holds the pair being squared. */
const SCRATCH = 6;
