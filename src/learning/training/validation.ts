import type { StaticGraph } from '../../foundation/onnx/graph/static-graph.ts';
import type { Tensor } from '../../foundation/onnx/graph/tensor.ts';
import { openSession, type Session } from '../../foundation/onnx/session/open-session.ts';
import type { ComputeOptions } from './compiled-steps.ts';
import type { Objective, TrainingBatch } from './objectives/objective.ts';
import { estimateMemory } from './step/memory-estimate.ts';

export interface ValidationPlan {
  /** Over data that is not trained on. */
  readonly objective: Objective;
  /** Batches that are looked at each time, always the same. */
  readonly batches: number;
  readonly everySteps: number;
  /** Ends the training when so many evaluations in a row were no better; never when left out. */
  readonly patience?: number;
}

interface ForwardGraph {
  readonly session: Session;
  readonly memoryBytes: number;
  readonly loss: string;
  readonly weights: readonly string[];
}

/** The loss on held-out batches with the weights as they are. */
export class Validation {
  readonly #batches: readonly TrainingBatch[];
  readonly #compute: ComputeOptions;
  readonly #graphs = new Map<string, Promise<ForwardGraph>>();

  constructor(plan: ValidationPlan, compute: ComputeOptions) {
    const batches = plan.objective.batches();
    this.#batches = Array.from({ length: plan.batches }, () => batches.next().value);
    this.#compute = compute;
  }

  async loss(weights: ReadonlyMap<string, Tensor>): Promise<number> {
    let sum = 0;
    for (const batch of this.#batches) {
      const graph = await this.#graphOf(batch, weights);
      const trained = graph.weights.map((name) => [name, weights.get(name) as Tensor] as const);
      const results = await graph.session.run({ ...(await batch.feeds()), ...Object.fromEntries(trained) }, [
        graph.loss,
      ]);
      sum += results[graph.loss]?.data[0] as number;
    }
    return sum / this.#batches.length;
  }

  /** What the forward graphs need beside the weights. */
  async memoryBytes(weights: ReadonlyMap<string, Tensor>): Promise<number> {
    for (const batch of this.#batches) await this.#graphOf(batch, weights);
    const graphs = await Promise.all(this.#graphs.values());
    return graphs.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  async dispose(): Promise<void> {
    for (const graph of this.#graphs.values()) await (await graph).session.release();
    this.#graphs.clear();
  }

  #graphOf(batch: TrainingBatch, weights: ReadonlyMap<string, Tensor>): Promise<ForwardGraph> {
    const known = this.#graphs.get(batch.shape);
    if (known !== undefined) return known;
    const made = this.#open(batch, weights);
    this.#graphs.set(batch.shape, made);
    return made;
  }

  async #open(batch: TrainingBatch, weights: ReadonlyMap<string, Tensor>): Promise<ForwardGraph> {
    const { builder, loss } = await batch.graph();
    const trained = [...weights.keys()].filter((name) => builder.has(name));
    for (const name of trained) builder.promote(name);
    const graph: StaticGraph = builder.build([loss]);
    const frozen = [...graph.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    return {
      session: await openSession(graph, { memoryPattern: false, ...this.#compute }),
      memoryBytes: frozen + estimateMemory(graph).peakBytes,
      loss: loss.name,
      weights: trained,
    };
  }
}
