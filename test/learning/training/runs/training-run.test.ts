import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelsNaming, readModelLineages } from '../../../../src/learning/privacy/model-lineages.ts';
import { readSnapshot } from '../../../../src/learning/training/datasets/snapshot.ts';
import type { TrainingRequest } from '../../../../src/learning/training/runs/training-request.ts';
import type { TrainingResult } from '../../../../src/learning/training/runs/training-run.ts';
import type { Studio } from '../../../../src/studio.ts';
import { DATABASES, studioOpener } from '../../../support/open-temporary-studio.ts';
import { clickAround, putShop } from '../support/clicked-shop.ts';

const SMALL = { steps: 4, batch: 8, threads: 1 } as const;

describe.each(DATABASES)('a training of what was clicked on %s', { timeout: 120_000 }, (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  let collectionId: number;
  beforeAll(async () => {
    studio = await open();
    collectionId = await putShop(studio, 'shop');
    // Visitors come as fast as they are answered, which is no human pace.
    await studio.services.feedbackSettings.patch(collectionId, { guards: { enabled: false }, sessionGapMinutes: 1 });
    await clickAround(studio, 'shop');
  }, 60_000);

  const ended = async (request: TrainingRequest, name = 'shop') => {
    const { id } = await studio.services.trainings.start(name, request);
    for await (const _ of studio.services.runs.watch(id));
    return await studio.services.runs.get(id);
  };
  const trained = async (request: TrainingRequest): Promise<TrainingResult> => {
    const { result, error } = await ended(request);
    return (result ?? expect.unreachable(error?.message)) as TrainingResult;
  };

  it('makes a query adapter that is listed, keeps the space of the items, and says where it comes from', async () => {
    const result = await trained({ recipe: 'query-adapter', ...SMALL, split: { validation: 0.3, heldOut: 0.2 } });
    expect(result).toMatchObject({
      steps: 4,
      dataset: { collection: 'shop', clickModel: 'position-based', control: false },
    });
    expect(result.losses.length).toBe(4);
    expect(result.validation?.note).toContain('no evidence');
    const models = await studio.services.models.list();
    const [model, starter] = [result.model, 'starter'].map((id) => models.find((one) => one.id === id));
    expect(model?.outputs[0]?.space).toBe(starter?.outputs[0]?.space);
    expect(model?.card).toMatchObject({
      side: 'query',
      lineage: { data: { snapshot: result.snapshot, control: false, batches: [] } },
    });
    const data = join(result.folder, '..', '..');
    expect(await readdir(join(data, 'training'))).toEqual([]);
    const { examples, items } = await readSnapshot(join(data, 'snapshots'), result.snapshot);
    for (const [, own] of Map.groupBy(examples, ({ queryKey }) => queryKey)) {
      expect(new Set(own.map(({ part }) => part)).size).toBe(1);
      const word = own[0]?.query.split(' ').at(-1) ?? '';
      for (const { itemId } of own) expect(itemId).toContain(word);
    }
    expect(items.get('red-shoe')).toBe('A red shoe for rainy days');
  });

  it('makes an encoder with a space of its own, of a released batch that its lineage and receipts of erasure name', async () => {
    const id = await putShop(studio, 'past');
    await studio.services.feedbackSettings.patch(id, { guards: { enabled: false } });
    await clickAround(studio, 'past');
    const { db } = studio.database;
    // Brings all into sessions; none has ended yet.
    await studio.services.batches.release(id, 'too early');
    await sql`update searches set at = at - interval '2 hours' where collection_id = ${id}`.execute(db);
    await sql`update sessions set started_at = started_at - interval '2 hours', ended_at = ended_at - interval '2 hours'
      where collection_id = ${id}`.execute(db);
    const { batch } = await studio.services.batches.release(id, 'first');
    expect(batch.sessions).toBe(39);
    const request: TrainingRequest = { recipe: 'encoder', name: 'mine', source: { batchId: batch.id }, ...SMALL };
    const { result, error } = await ended(request, 'past');
    expect(error).toBeNull();
    const { folder, model } = result as TrainingResult;
    expect(model).toBe('mine');
    const { lineage, outputs } = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8'));
    expect(lineage.data.batches).toEqual([batch.id]);
    expect(JSON.stringify(outputs)).toContain('"space":"mine-');
    const lineages = await readModelLineages({ folder: join(folder, '..'), models: { list: async () => [] } });
    expect(modelsNaming([batch.id], lineages)).toEqual(['mine']);
    await expect(studio.services.trainings.start('past', request)).rejects.toMatchObject({ code: 'invalid_training' });
  });

  it('gives the same snapshot of the same log, and another one of its click-blind twin', async () => {
    const request: TrainingRequest = { recipe: 'query-adapter', ...SMALL, steps: 1 };
    const first = await trained(request);
    const again = await trained(request);
    const twin = await trained({ ...request, control: true });
    expect(again.snapshot).toBe(first.snapshot);
    expect(again.model).not.toBe(first.model);
    expect(twin.snapshot).not.toBe(first.snapshot);
    expect(twin.dataset.counts.clicks).toBe(first.dataset.counts.clicks);
  });

  it('learns from judgments too, and from them alone where nobody clicked', async () => {
    const id = await putShop(studio, 'rated');
    const judgments = ['red', 'blue', 'green', 'black'].flatMap((colour) =>
      ['shoe', 'coat', 'hat', 'boot'].map((thing) => ({
        query: `${colour} things`,
        itemId: `${colour}-${thing}`,
        grade: 1,
      })),
    );
    await studio.services.judgments.put(id, { set: 'ratings', provenance: 'rating:me' }, judgments);
    const { result, error } = await ended(
      {
        recipe: 'lora',
        sets: ['ratings'],
        hardNegatives: { perQuery: 2 },
        split: { validation: 0, heldOut: 0 },
        ...SMALL,
      },
      'rated',
    );
    expect(error).toBeNull();
    expect(result).toMatchObject({
      validation: null,
      dataset: { clickModel: null, counts: { rated: 16, examples: { train: 16 } } },
    });
  });

  it('holds out by time, in epochs, and watches what was asked later', async () => {
    const result = await trained({
      ...{ recipe: 'query-adapter', epochs: 2, batch: 4, threads: 1 },
      split: { by: 'time', validation: 0.2, heldOut: 0.2 },
    });
    const { queries } = result.dataset.counts as { queries: Record<string, number> };
    expect(queries.train).toBeGreaterThan(0);
    expect(result.steps).toBe(Math.ceil((2 * (queries.train ?? 0)) / 4));
  });

  it('without clicks says how few there are and what to do', async () => {
    await putShop(studio, 'quiet');
    const { state, error } = await ended({ recipe: 'query-adapter' }, 'quiet');
    expect(state).toBe('failed');
    expect(error).toMatchObject({
      code: 'not_enough_clicks',
      message: expect.stringContaining('0 examples to train from came out of 0 searches'),
      hint: expect.stringContaining('Collect more clicks'),
    });
  });

  it('refuses at once what could not come out well', async () => {
    const { trainings } = studio.services;
    const codeOf = (name: string, request: TrainingRequest): Promise<string> =>
      trainings.start(name, request).then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
    const recipe = 'encoder';
    expect(await codeOf('nope', { recipe })).toBe('collection_not_found');
    expect(await codeOf('shop', { recipe, source: { batchId: '0194f3a0-0000-7000-8000-000000000000' } })).toBe(
      'batch_not_found',
    );
    expect(await codeOf('shop', { recipe, sets: ['nope'] })).toBe('judgment_set_not_found');
    expect(await codeOf('shop', { recipe, model: 'nope' })).toBe('model_not_found');
    expect(await codeOf('shop', { recipe, model: 'starter-image' })).toBe('invalid_training');
    expect(await codeOf('shop', { recipe, name: 'starter' })).toBe('invalid_training');
  });

  it('ends between two steps when it is cancelled, and leaves no model', async () => {
    const { runs, trainings, models } = studio.services;
    const { id } = await trainings.start('shop', {
      recipe: 'encoder',
      name: 'cancelled',
      steps: 10_000,
      batch: 4,
      threads: 1,
    });
    for await (const { progress } of runs.watch(id)) {
      if (progress?.message === 'training' && progress.done > 0) await runs.cancel(id);
    }
    expect(await runs.get(id)).toMatchObject({ state: 'cancelled', result: null });
    expect((await models.list()).map((model) => model.id)).not.toContain('cancelled');
  });
});
