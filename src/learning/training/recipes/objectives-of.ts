import { fromPairs } from './from-pairs.ts';
import { fromPictures } from './from-pictures.ts';
import { fromScores } from './from-scores.ts';
import { fromTexts } from './from-texts.ts';
import type { ObjectiveContext, Objectives } from './objective-context.ts';
import type { ScoreLoss } from './recipe.ts';
import type { ScoredPair, TrainingData } from './training-data.ts';

/** Turns data into what is trained for. Throws `invalid_training` when there is too little of it. */
export async function objectivesOf(data: TrainingData, context: ObjectiveContext): Promise<Objectives> {
  switch (data.kind) {
    case 'pairs':
      return await fromPairs(data, context);
    case 'scores':
      return await fromScores(data.rows, data.loss ?? scoreLossFor(data.rows), context);
    case 'texts':
      return await fromTexts(data.texts, data.loss ?? { kind: 'cosine' }, context);
    case 'pictures':
      if (!context.trainee.trainsTexts) return await fromPictures(data.pictures, context);
      return await fromPairs(
        { kind: 'pairs', pairs: data.pictures.map(({ picture, text }) => ({ query: text, item: picture })) },
        context,
      );
  }
}

/** Scores from 0 to 1 are cosines to reach, which taught more where it was measured; of any other scale the order alone is used. */
const scoreLossFor = (rows: readonly ScoredPair[]): ScoreLoss => ({
  kind: rows.every(({ score }) => score >= 0 && score <= 1) ? 'cosine-mse' : 'cosent',
});
