import { createRandom } from '../../../../src/foundation/core/random.ts';
import type { Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { pairSetOf } from '../../../../src/learning/training/batches/pair-set.ts';
import { infoNce } from '../../../../src/learning/training/losses/info-nce.ts';
import { pairObjective } from '../../../../src/learning/training/objectives/pair-objective.ts';
import { arrayContents } from '../../../../src/learning/training/towers/contents.ts';
import { TowerGraph } from '../../../../src/learning/training/towers/tower-graph.ts';
import { adapterModel } from '../../../../src/learning/training/trainables/adapter.ts';
import { gaussian } from '../../../../src/learning/training/trainables/gaussian.ts';
import type { TrainingPlan } from '../../../../src/learning/training/training-plan.ts';

const DIMENSIONS = 8;

/** Forty items of eight numbers, and queries that are the same numbers in another order: two adapters learn to undo it. */
export function toyPlan(changes: Partial<TrainingPlan> & { readonly seed?: number } = {}): TrainingPlan {
  const { seed = 1, ...plan } = changes;
  const random = createRandom(7);
  const items = Array.from({ length: 40 }, () => gaussian(DIMENSIONS, 1, random));
  const queries = items.map((item) => item.toReversed());
  const set = pairSetOf(items.map((_, at) => ({ query: String(at), item: String(at) })));
  const adapters = (['query', 'item'] as const).map((name) =>
    adapterModel({ kind: 'linear', dimensions: DIMENSIONS, width: 0, seed: 1, name }),
  );
  const parameters = new Map<string, Tensor>(adapters.flatMap((adapter) => [...adapter.parameters]));
  const sideOf = (at: 0 | 1, arrays: readonly Float32Array[]) => ({
    tower: new TowerGraph(adapters[at]!.model, new Set(parameters.keys())),
    contents: arrayContents('vectors', [DIMENSIONS], arrays),
  });
  return {
    objective: pairObjective({
      set,
      query: sideOf(0, queries),
      item: sideOf(1, items),
      batch: { pairs: 16, items: 16, seed },
      loss: (builder, inputs) => infoNce(builder, { ...inputs, temperature: 0.1 }),
    }),
    parameters,
    steps: 40,
    optimizer: { kind: 'adamw', learningRate: 0.05, clipNorm: 1 },
    ...plan,
  };
}
