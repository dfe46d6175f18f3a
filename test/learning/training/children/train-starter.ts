import { trainModel } from '../../../../src/learning/training/train-model.ts';
import { starterRun } from '../support/starter-run.ts';

/** Trains until it is killed or done; says each step and each checkpoint. */
const [out] = process.argv.slice(2);
await trainModel({
  ...starterRun(out as string),
  onEvent(event) {
    if (event.type === 'step' || event.type === 'checkpointed') process.stdout.write(`${event.type} ${event.step}\n`);
  },
});
