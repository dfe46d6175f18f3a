import type { OptimizerOptions } from '../../../foundation/onnx/optimizers/create-optimizer.ts';
import type { MatryoshkaPrefix } from '../losses/matryoshka.ts';
import type { AdapterKind } from '../trainables/adapter.ts';

/** What is trained. */
export type Recipe =
  /** The encoder's own weights: all, or the last layers, or those whose names match. */
  | { readonly kind: 'encoder'; readonly lastLayers?: number; readonly parameters?: string }
  /** Thin products beside the encoder's matrices, merged into them in the end. */
  | { readonly kind: 'lora'; readonly rank?: number; readonly alpha?: number; readonly lastLayers?: number }
  /** A small model behind the encoder for queries alone: the index stays. */
  | { readonly kind: 'adapter'; readonly adapter?: AdapterKind; readonly width?: number }
  /** The same for both sides, each with its own. From pictures and texts: both encoders, all or their last layers. */
  | {
      readonly kind: 'two-tower';
      readonly adapter?: AdapterKind;
      readonly width?: number;
      readonly lastLayers?: number;
    }
  /** One vector per token, averaged. */
  | { readonly kind: 'token-table' };

export type RecipeKind = Recipe['kind'];

/** What is asked of queries and items. */
export type PairLoss =
  | {
      readonly kind: 'info-nce';
      readonly temperature?: number;
      readonly learnTemperature?: boolean;
      readonly symmetric?: boolean;
    }
  | { readonly kind: 'margin'; readonly margin?: number }
  | { readonly kind: 'listwise'; readonly temperature?: number };
export type ScoreLoss = { readonly kind: 'cosent'; readonly sharpness?: number } | { readonly kind: 'cosine-mse' };
export type DistillationLoss =
  | { readonly kind: 'cosine'; readonly similarityWeight?: number }
  | { readonly kind: 'mse' }
  | { readonly kind: 'kl'; readonly temperature?: number };

export interface RecipeSettings {
  readonly steps: number;
  /** Pairs, scored pairs or texts in a batch. */
  readonly batch: number;
  /** Items in a batch of pairs, at least as many as pairs. */
  readonly items: number;
  readonly sample: 'pairs' | 'queries';
  readonly learningRate: number;
  /** Share of the steps in which the learning rate rises. */
  readonly warmUp: number;
  readonly schedule: 'linear' | 'cosine' | 'constant';
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Batches whose gradients make one step. */
  readonly accumulate: number;
  /** Pairs and items that go through the encoder at once; a divisor of both. The whole batch when left out. */
  readonly chunk?: number;
  /** Strength of the pull to where training began; 0 for none. */
  readonly anchor: number;
  readonly matryoshka: readonly MatryoshkaPrefix[];
  /** Texts are cut here, where this is shorter than what the model reads. */
  readonly maxTokens?: number;
  readonly seed: number;
}

const COMMON = {
  sample: 'queries',
  warmUp: 0.1,
  schedule: 'linear',
  weightDecay: 0.01,
  clipNorm: 1,
  accumulate: 1,
  anchor: 0,
  matryoshka: [],
  seed: 1,
} as const;

/** Settings that did well where they were measured (docs/guides/training.md); each can be overruled. */
export function recipeDefaults(kind: RecipeKind): RecipeSettings {
  switch (kind) {
    case 'encoder':
      return { ...COMMON, steps: 100, batch: 64, items: 128, learningRate: 1e-4 };
    case 'lora':
      return { ...COMMON, steps: 100, batch: 64, items: 128, learningRate: 1e-3 };
    case 'adapter':
    case 'two-tower':
      return { ...COMMON, steps: 300, batch: 256, items: 256, learningRate: 2e-3, anchor: 0.01 };
    case 'token-table':
      return { ...COMMON, steps: 300, batch: 128, items: 256, learningRate: 1e-2, weightDecay: 0 };
  }
}

/** AdamW as PyTorch's, biases and norms without decay. */
export function optimizerOf(settings: RecipeSettings): OptimizerOptions {
  const { learningRate, weightDecay, clipNorm, schedule, steps, warmUp } = settings;
  return {
    kind: 'adamw',
    learningRate,
    weightDecay,
    clipNorm,
    groups: [{ includes: (_, dims) => dims.length < 2, weightDecay: 0 }],
    schedule: { kind: schedule, warmupSteps: Math.round(warmUp * steps), totalSteps: steps },
  };
}
