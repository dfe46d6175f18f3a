import fc from 'fast-check';
import { createRandom } from '../../src/foundation/core/random.ts';
import type { GraphBuilder } from '../../src/foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../src/foundation/onnx/graph/static-graph.ts';
import { sizeOf } from '../../src/foundation/onnx/graph/tensor.ts';
import type { Trial, TrialInput } from './finite-differences.ts';

/** Random graphs around one operator. */
export interface GradientCase {
  /** The operator, with its domain in front when it is not the standard one. */
  readonly op: string;
  /** What is particular in this case; empty for an operator's plain form. */
  readonly form: string;
  readonly trials: fc.Arbitrary<Trial>;
}

/** Where an input's elements lie: away from the points at which the operator has a kink or leaves its domain. */
export type Range = 'any' | 'positive' | 'awayFromZero' | 'distinct';

/** Draws the particulars of one trial; everything drawn is shrunk by fast-check. */
export class Draw {
  readonly #generate: fc.GeneratorValue;

  constructor(generate: fc.GeneratorValue) {
    this.#generate = generate;
  }

  integer(min: number, max: number): number {
    return this.#generate(fc.integer, { min, max });
  }

  boolean(): boolean {
    return this.#generate(fc.boolean);
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.integer(0, choices.length - 1)] as Choice;
  }

  /** Dimensions of at least `minRank` axes with 1 to 4 elements each. */
  dims(minRank = 0, maxRank = 4): number[] {
    return Array.from({ length: this.integer(minRank, maxRank) }, () => this.integer(1, 4));
  }

  /** Dimensions that broadcast to `dims`: leading axes left out, others 1. */
  broadcastTo(dims: readonly number[]): number[] {
    return dims.slice(this.integer(0, dims.length)).map((size) => (this.boolean() ? 1 : size));
  }

  /** An axis of a rank, counted from the front or from the end. */
  axis(rank: number): number {
    return this.integer(-rank, rank - 1);
  }

  /** Some of the axes of a rank, each counted from the front or from the end. */
  axes(rank: number): number[] {
    const all = Array.from({ length: rank }, (_, axis) => axis);
    const some = all.filter(() => this.boolean());
    return some.map((axis) => (this.boolean() ? axis : axis - rank));
  }

  elements(dims: readonly number[], range: Range = 'any'): TrialInput {
    const random = createRandom(this.integer(0, 1e6));
    const length = sizeOf(dims);
    const any = (): number => random.next() * 4 - 2;
    const draws: Record<Range, () => Float32Array> = {
      any: () => Float32Array.from({ length }, any),
      positive: () => Float32Array.from({ length }, () => 0.4 + random.next() * 2),
      awayFromZero: () =>
        Float32Array.from({ length }, () => (random.next() < 0.5 ? -1 : 1) * (0.4 + random.next() * 2)),
      distinct: () =>
        Float32Array.from(
          random.shuffle(Array.from({ length }, (_, at) => (at - Math.floor(length / 2)) * 0.25 + 0.1)),
        ),
    };
    return { dims, data: draws[range](), wanted: true };
  }
}

/**
 * Trials drawn by `plan`. The gradients of all inputs are wanted, or of some of them only.
 */
export function gradientCase(
  op: string,
  form: string,
  plan: (draw: Draw) => { inputs: TrialInput[]; build: (builder: GraphBuilder, inputs: Value[]) => Value | Value[] },
): GradientCase {
  const trials = fc.gen().map((generate): Trial => {
    const draw = new Draw(generate);
    const { inputs, build } = plan(draw);
    const choices = inputs.flatMap((input, at) => (input.wanted ? [at] : []));
    const only = draw.pick([-1, ...choices]);
    return {
      inputs: inputs.map((input, at) => ({ ...input, wanted: input.wanted && (only < 0 || only === at) })),
      build: (builder, values) => [build(builder, values)].flat(),
      seed: draw.integer(0, 1e6),
    };
  });
  return { op, form, trials };
}
