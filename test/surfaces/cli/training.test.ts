import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clickAround, putShop } from '../../learning/training/support/clicked-shop.ts';
import { type Outcome, startCli } from '../support/call-cli.ts';
import { type ServedStudio, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
let folder: string;
beforeAll(async () => {
  served = await serveStudio();
  const id = await putShop(served.studio, 'shop');
  // Visitors come as fast as they are answered, which is no human pace.
  await served.studio.services.feedbackSettings.patch(id, { guards: { enabled: false } });
  await clickAround(served.studio, 'shop');
  folder = await mkdtemp(join(tmpdir(), 'training-'));
}, 60_000);
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

const call = async (args: string): Promise<Outcome> =>
  await startCli(['training', ...args.split(' '), '--url', served.url], folder).ended;

describe('training on the command line', { timeout: 60_000 }, () => {
  it('makes a model of what was clicked, shows how far it is, and says what came of it', async () => {
    const { exit, stdout, stderr } = await call('start shop --steps 3 --batch-size 8 --name mine --validation .3');
    expect([exit, stderr]).toEqual([0, expect.stringContaining('training')]);
    expect(stdout).toMatch(/^Made the model mine: 3 steps/);
    expect(stdout).toMatch(/examples: train \d+, validation \d+, held-out \d+/);
    expect(stdout).toContain('no evidence that the ranking that is served gets better');
    const { models } = await served.client.listModels();
    expect(models.map(({ id }) => id)).toContain('mine');
  });

  it('does not wait when it is told so', async () => {
    const { stdout } = await call('shop --steps 2 --batch-size 4 --detach --json');
    const { id, kind } = JSON.parse(stdout);
    expect(kind).toBe('training');
    for await (const _ of served.studio.services.runs.watch(id));
    expect((await served.client.getRun(id)).state).toBe('done');
  });
});
