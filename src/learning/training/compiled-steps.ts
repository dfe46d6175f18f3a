import type { ParameterStore } from '../../foundation/onnx/optimizers/parameter-store.ts';
import type { Provider } from '../../foundation/onnx/session/open-session.ts';
import type { TrainingBatch } from './objectives/objective.ts';
import { type CachedStep, compileCachedStep } from './step/compile-cached-step.ts';
import { compileStep, type Step } from './step/compile-step.ts';
import { StepCache } from './step/step-cache.ts';

export interface ComputeOptions {
  readonly provider?: Provider;
  readonly threads?: number;
}

/** The compiled graph of each shape of batch. All work on one store of weights. */
export class CompiledSteps {
  readonly #store: ParameterStore;
  readonly #trainable: readonly string[];
  readonly #compute: ComputeOptions;
  readonly #whole = new StepCache();
  readonly #chunked = new Map<string, Promise<CachedStep>>();

  constructor(store: ParameterStore, trainable: readonly string[], compute: ComputeOptions) {
    this.#store = store;
    this.#trainable = trainable;
    this.#compute = compute;
  }

  /** Forward and backward; the gradients go into the store. Gives the loss. */
  async run(batch: TrainingBatch): Promise<number> {
    const { loss } =
      batch.chunked === undefined
        ? await (await this.#stepOf(batch)).run(await batch.feeds())
        : await (await this.#cachedStepOf(batch, batch.chunked)).run(await batch.chunked.feeds());
    return loss;
  }

  /** What batches of this shape need beside the store. */
  async memoryBytes(batch: TrainingBatch): Promise<number> {
    const step = batch.chunked === undefined ? this.#stepOf(batch) : this.#cachedStepOf(batch, batch.chunked);
    return (await step).memoryBytes;
  }

  async dispose(): Promise<void> {
    await this.#whole.dispose();
    const settled = await Promise.allSettled(this.#chunked.values());
    this.#chunked.clear();
    for (const one of settled) if (one.status === 'fulfilled') await one.value.dispose();
  }

  #stepOf(batch: TrainingBatch): Promise<Step> {
    return this.#whole.get(batch.shape, async () => {
      const { builder, loss } = await batch.graph();
      return await compileStep({ builder, loss, store: this.#store, trainable: this.#trainable, ...this.#compute });
    });
  }

  #cachedStepOf(batch: TrainingBatch, chunked: NonNullable<TrainingBatch['chunked']>): Promise<CachedStep> {
    const known = this.#chunked.get(batch.shape);
    if (known !== undefined) return known;
    const made = chunked
      .graph()
      .then((graph) =>
        compileCachedStep({ ...graph, store: this.#store, trainable: this.#trainable, ...this.#compute }),
      );
    this.#chunked.set(batch.shape, made);
    return made;
  }
}
