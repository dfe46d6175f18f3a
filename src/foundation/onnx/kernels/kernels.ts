import { kernelModule } from './passes.ts';
import { type LinearMemory, WebAssembly } from './web-assembly.ts';

/**
 * Float32 passes over one WebAssembly memory, four lanes at a time. Addresses are in bytes, counts in elements; arrays
 * of one call must not overlap.
 */
export interface Kernels {
  /** `bias` is 1/√(1 − β₂ᵗ), `size` is lr/(1 − β₁ᵗ), `decay` is 1 − lr·λ, the rates are 1 − β. */
  adamw(
    weight: number,
    gradient: number,
    firstMoment: number,
    secondMoment: number,
    count: number,
    gradientScale: number,
    firstRate: number,
    beta2: number,
    secondRate: number,
    epsilon: number,
    decay: number,
    bias: number,
    size: number,
  ): void;
  /** `steps` AdamW steps with zero gradient; `coefficients` holds decay, bias and size of each. */
  adamwIdle(
    weight: number,
    firstMoment: number,
    secondMoment: number,
    count: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    coefficients: number,
    steps: number,
  ): void;
  sgd(
    weight: number,
    gradient: number,
    momentumBuffer: number,
    count: number,
    gradientScale: number,
    momentum: number,
    weightDecay: number,
    learningRate: number,
  ): void;
  /** (left, right) ← (a·left + b·right, c·left + d·right). */
  mix(left: number, right: number, count: number, a: number, b: number, c: number, d: number): void;
  /** target ← target + factor · source. */
  accumulate(target: number, source: number, count: number, factor: number): void;
  scale(target: number, count: number, factor: number): void;
  /** In float64. */
  sumOfSquares(address: number, count: number): number;
}

let compiled: object | undefined;

export function instantiateKernels(memory: LinearMemory): Kernels {
  compiled ??= new WebAssembly.Module(kernelModule());
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  return instance.exports as unknown as Kernels;
}
