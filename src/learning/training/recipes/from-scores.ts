import { rowSimilarities } from '../losses/arithmetic.ts';
import { coSent, cosineMeanSquared } from '../losses/graded-similarity.ts';
import type { Objective } from '../objectives/objective.ts';
import { rowsObjective } from '../objectives/rows-objective.ts';
import { type ObjectiveContext, type Objectives, objectivesOfRows } from './objective-context.ts';
import type { ScoreLoss } from './recipe.ts';
import type { ScoredPair } from './training-data.ts';

/** Both texts of a pair go through the encoder as items. */
export async function fromScores(
  rows: readonly ScoredPair[],
  loss: ScoreLoss,
  context: ObjectiveContext,
): Promise<Objectives> {
  const { trainee, settings } = context;
  const objective = async (own: readonly ScoredPair[], seed: number): Promise<Objective> => {
    const texts = [...new Set(own.flatMap(({ left, right }) => [left, right]))];
    const numbers = new Map(texts.map((text, number) => [text, number]));
    return rowsObjective({
      side: await trainee.side(texts, 'item'),
      rows: own.map(({ left, right }) => [numbers.get(left) as number, numbers.get(right) as number]),
      batch: Math.min(settings.batch, own.length),
      seed,
      targets: { dims: [], of: async (chosen) => chosen.map((row) => Float32Array.of(own[row]?.score as number)) },
      loss(builder, [left, right], scores) {
        if (left === undefined || right === undefined) throw new Error('a scored pair has two texts');
        const pairs = { cosines: rowSimilarities(builder, left, right), scores };
        return loss.kind === 'cosent' ? coSent(builder, pairs, loss.sharpness) : cosineMeanSquared(builder, pairs);
      },
    });
  };
  return await objectivesOfRows(rows, 'scored pairs', context, objective);
}
