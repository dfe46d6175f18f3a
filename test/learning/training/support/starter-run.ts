import type { TrainModelOptions } from '../../../../src/learning/training/train-model-options.ts';
import { starterFolder } from './models.ts';

const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'grey'];
const THINGS = ['shoe', 'coat', 'umbrella', 'scarf', 'hat', 'glove', 'boot'];

/** Forty-two pairs that mean something. */
export const PAIRS = COLOURS.flatMap((colour) =>
  THINGS.map((thing) => ({ query: `${thing} in ${colour}`, item: `A ${colour} ${thing} for rainy days` })),
);

/** A short real training of the whole starter, the same every time. */
export const starterRun = (out: string): TrainModelOptions => ({
  model: starterFolder,
  out,
  recipe: { kind: 'encoder' },
  data: { kind: 'pairs', pairs: PAIRS },
  settings: { steps: 8, batch: 4, items: 6, learningRate: 1e-4 },
  checkpointEvery: 2,
  resume: true,
});
