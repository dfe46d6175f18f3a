import { StudioError } from '../../../foundation/core/errors.ts';
import type { ModelSpec } from '../../../serving/models/model-spec.ts';
import { alignedOutput } from '../trainables/picture-trainee.ts';
import type { Recipe, RecipeSettings } from './recipe.ts';
import type { TrainingData } from './training-data.ts';

/** What does not go together is refused before anything is computed. Throws `invalid_training`. */
export function refuseImpossible(
  recipe: Recipe,
  data: TrainingData,
  model: ModelSpec,
  teacher: ModelSpec | null,
): void {
  const refuse = (message: string, hint: string): StudioError => new StudioError('invalid_training', message, { hint });
  const { id, modality, outputs } = model;
  if ((modality === 'image') !== (data.kind === 'pictures')) {
    const reads = modality === 'image' ? 'pictures' : 'texts';
    throw refuse(
      `The model "${id}" reads ${reads}, and is to be trained from ${data.kind}.`,
      'Take another model or other data.',
    );
  }
  if (modality === 'image' && recipe.kind !== 'encoder' && recipe.kind !== 'two-tower') {
    throw refuse(`The recipe "${recipe.kind}" is for texts.`, 'Take encoder or two-tower, with their last layers.');
  }
  if (data.kind !== 'pairs' && data.kind !== 'pictures' && (recipe.kind === 'adapter' || recipe.kind === 'two-tower')) {
    throw refuse(
      `The recipe "${recipe.kind}" learns from pairs of a query and an item.`,
      'Take encoder, lora or token-table.',
    );
  }
  const own = modality === 'image' ? alignedOutput(outputs) : outputs[0];
  const wanted = teacher?.outputs[0];
  if (wanted !== undefined && own?.dimensions !== wanted.dimensions) {
    throw refuse(
      `The model "${id}" gives ${own?.dimensions} numbers, and "${teacher?.id}", whose vectors it shall learn, ${wanted.dimensions}.`,
      'Take a model with as many.',
    );
  }
}

/** Settings that only the losses over pairs read. */
const OF_PAIRS = ['items', 'sample', 'chunk', 'anchor', 'matryoshka'] as const;

/** A setting that would be read by nobody is refused, not ignored. Throws `invalid_training`. */
export function refuseUnread(recipe: Recipe, data: TrainingData, given: Partial<RecipeSettings>): void {
  if (data.kind === 'pairs' || (data.kind === 'pictures' && recipe.kind === 'two-tower')) return;
  const unread = OF_PAIRS.find((name) => given[name] !== undefined);
  if (unread === undefined) return;
  throw new StudioError('invalid_training', `The setting "${unread}" has no meaning for training from ${data.kind}.`);
}
