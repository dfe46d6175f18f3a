import type { Step } from './compile-step.ts';

/**
 * Compiled steps by the shape of their batch. A session holds memory for its intermediate results, so there is a bound; the
 * one that was not used for longest goes.
 */
export class StepCache {
  readonly #most: number;
  /** In the order of use. */
  readonly #steps = new Map<string, Promise<Step>>();

  constructor(most = 8) {
    this.#most = most;
  }

  /** The step for this shape, compiled when it is not there. */
  async get(shape: string, compile: () => Promise<Step>): Promise<Step> {
    const step = this.#steps.get(shape) ?? compile();
    this.#steps.delete(shape);
    this.#steps.set(shape, step);
    try {
      await step;
    } catch (error) {
      this.#steps.delete(shape);
      throw error;
    }
    for (const [oldest, gone] of this.#steps) {
      if (this.#steps.size <= this.#most) break;
      this.#steps.delete(oldest);
      await (await gone).dispose();
    }
    return step;
  }

  async dispose(): Promise<void> {
    const settled = await Promise.allSettled(this.#steps.values());
    this.#steps.clear();
    for (const one of settled) if (one.status === 'fulfilled') await one.value.dispose();
  }
}
