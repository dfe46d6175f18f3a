import { StudioError } from '../../../foundation/core/errors.ts';
import type { FrozenEncoder } from '../sources/frozen-encoder.ts';
import type { LoadedEncoder, OpenedEncoder } from '../sources/load-encoder.ts';
import type { Watch } from '../sources/watch.ts';
import { adapterTrainee } from '../trainables/adapter-trainee.ts';
import { encoderTrainee } from '../trainables/encoder-trainee.ts';
import { pictureTrainee } from '../trainables/picture-trainee.ts';
import { textPictureTrainee } from '../trainables/text-picture-trainee.ts';
import { tokenTableTrainee } from '../trainables/token-table-trainee.ts';
import type { Trainee } from '../trainables/trainee.ts';
import type { Recipe, RecipeSettings } from './recipe.ts';

const RANK = 32;
const LORA_RANK = 8;

/**
 * What a recipe trains of this encoder.
 *
 * @param texts the encoder of the texts when this one reads pictures and both are trained.
 * @throws StudioError `invalid_training`
 */
export async function openTrainee(
  encoder: LoadedEncoder,
  texts: OpenedEncoder | null,
  frozen: FrozenEncoder,
  recipe: Recipe,
  settings: RecipeSettings,
  watch: Watch,
): Promise<Trainee> {
  const { seed, maxTokens } = settings;
  const cut = maxTokens === undefined ? {} : { maxTokens };
  const last = 'lastLayers' in recipe && recipe.lastLayers !== undefined ? { lastLayers: recipe.lastLayers } : {};
  switch (recipe.kind) {
    case 'encoder': {
      const pattern = recipe.parameters === undefined ? {} : { parameters: patternOf(recipe.parameters) };
      const choice = { ...cut, ...last, ...pattern };
      return encoder.spec.modality === 'image'
        ? pictureTrainee(encoder, choice, watch)
        : encoderTrainee(encoder, choice);
    }
    case 'lora': {
      const rank = recipe.rank ?? LORA_RANK;
      return encoderTrainee(encoder, { ...cut, ...last, lora: { rank, alpha: recipe.alpha ?? 2 * rank, seed } });
    }
    case 'adapter':
    case 'two-tower':
      if (texts !== null) return textPictureTrainee(encoder, texts, { ...cut, ...last }, watch);
      return adapterTrainee(encoder, frozen, {
        kind: recipe.adapter ?? 'low-rank',
        width: recipe.width ?? RANK,
        sides: recipe.kind === 'adapter' ? 'query' : 'both',
        seed,
      });
    case 'token-table':
      return await tokenTableTrainee(encoder, { ...cut, watch });
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new StudioError('invalid_training', `"${text}" is no pattern for names of weights.`, {
      hint: 'Give a regular expression such as "layer\\.[45]\\.".',
      cause,
    });
  }
}
