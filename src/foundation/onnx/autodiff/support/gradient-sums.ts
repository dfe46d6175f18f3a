import type { GraphBuilder } from '../../graph/graph-builder.ts';
import type { Value } from '../../graph/static-graph.ts';
import { sameDims } from '../../graph/tensor.ts';
import { number } from './numbers.ts';

/** Gradients by the name of the value they belong to; a value that is read several times gets the sum. */
export class GradientSums {
  readonly #builder: GraphBuilder;
  readonly #sums = new Map<string, Value>();

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** The loss changes by itself at rate 1. */
  seed(loss: Value): void {
    this.#sums.set(loss.name, number(this.#builder, loss, 1));
  }

  add(name: string, gradient: Value): void {
    const of = this.#builder.value(name);
    if (!sameDims(of.dims, gradient.dims) || of.type !== gradient.type) {
      throw new Error(`a gradient of "${name}" (${of.type} [${of.dims}]) is ${gradient.type} [${gradient.dims}]`);
    }
    const sum = this.#sums.get(name);
    this.#sums.set(name, sum === undefined ? gradient : this.#builder.add(sum, gradient));
  }

  of(name: string): Value | null {
    return this.#sums.get(name) ?? null;
  }

  zeros(like: Value): Value {
    return this.#builder.expand(number(this.#builder, like, 0), like.dims);
  }
}
