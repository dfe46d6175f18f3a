import { distillCosine, distillDivergence, distillMeanSquared } from '../losses/distillation.ts';
import type { Objective } from '../objectives/objective.ts';
import { rowsObjective } from '../objectives/rows-objective.ts';
import { firstOutput } from '../sources/load-encoder.ts';
import { type ObjectiveContext, type Objectives, objectivesOfRows } from './objective-context.ts';
import type { DistillationLoss } from './recipe.ts';

/** The teacher's vectors of the texts are wanted; it encodes each when a batch first has it. */
export async function fromTexts(
  texts: readonly string[],
  loss: DistillationLoss,
  context: ObjectiveContext,
): Promise<Objectives> {
  const { trainee, settings, teacher } = context;
  if (teacher === null) throw new Error('texts are learned from a teacher');
  const dimensions = firstOutput(context.encoder).dimensions;
  const objective = async (own: readonly string[], seed: number): Promise<Objective> =>
    rowsObjective({
      side: await trainee.side(own, 'item'),
      rows: own.map((_, row) => [row]),
      batch: Math.min(settings.batch, own.length),
      seed,
      targets: {
        dims: [dimensions],
        of: (chosen) =>
          teacher.vectors(
            chosen.map((row) => own[row] as string),
            'item',
          ),
      },
      loss(builder, [student], wanted) {
        if (student === undefined) throw new Error('a text has one vector');
        const inputs = { student, teacher: wanted };
        if (loss.kind === 'mse') return distillMeanSquared(builder, inputs);
        return loss.kind === 'kl'
          ? distillDivergence(builder, inputs, loss.temperature ?? 0.05)
          : distillCosine(builder, inputs, loss.similarityWeight);
      },
    });
  return await objectivesOfRows([...new Set(texts)], 'texts', context, objective);
}
