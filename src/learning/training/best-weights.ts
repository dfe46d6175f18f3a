import { float32, type Tensor } from '../../foundation/onnx/graph/tensor.ts';

/** The lowest held-out loss so far, its weights, and how long nothing was better. */
export class BestWeights {
  best = Number.POSITIVE_INFINITY;
  waited = 0;
  #weights: ReadonlyMap<string, Tensor> | null = null;

  get weights(): ReadonlyMap<string, Tensor> | null {
    return this.#weights;
  }

  /** Notes an evaluation; true when it is the best. */
  note(loss: number, weights: ReadonlyMap<string, Tensor>): boolean {
    if (!(loss < this.best)) {
      this.waited++;
      return false;
    }
    this.best = loss;
    this.waited = 0;
    this.#weights = new Map(
      [...weights].map(([name, { dims, data }]) => [name, float32(dims, Float32Array.from(data as Float32Array))]),
    );
    return true;
  }

  /** For a checkpoint. */
  state(): { best: number | null; waited: number } {
    return { best: Number.isFinite(this.best) ? this.best : null, waited: this.waited };
  }

  restore(state: { best?: unknown; waited?: unknown }, weights: ReadonlyMap<string, Tensor>): void {
    this.best = typeof state.best === 'number' ? state.best : Number.POSITIVE_INFINITY;
    this.waited = typeof state.waited === 'number' ? state.waited : 0;
    this.#weights = weights.size > 0 ? weights : null;
  }
}
