/**
 * Lets people click in a small shop and trains an encoder of it; says how far it is; whoever started it kills it.
 *   node training-process.ts <data directory>
 */
import { createStudio } from '../../src/studio.ts';
import { clickAround, putShop } from '../learning/training/support/clicked-shop.ts';

const [dataDirectory = ''] = process.argv.slice(2);
const studio = await createStudio({ dataDirectory, encoderThreads: 1 });
const { feedbackSettings, trainings, runs } = studio.services;
const id = await putShop(studio, 'shop');
await feedbackSettings.patch(id, { guards: { enabled: false } });
await clickAround(studio, 'shop');
const request = { recipe: 'encoder', name: 'mine', steps: 16, batch: 4, threads: 1, checkpointEvery: 2 } as const;
const run = await trainings.start('shop', request);
for await (const { progress } of runs.watch(run.id)) {
  if (progress?.message === 'training')
    process.stdout.write(`${JSON.stringify({ runId: run.id, step: progress.done })}\n`);
}
