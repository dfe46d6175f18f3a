import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadEncoder } from '../../../src/learning/training/sources/load-encoder.ts';
import { trainModel } from '../../../src/learning/training/train-model.ts';
import { pictureTrainee } from '../../../src/learning/training/trainables/picture-trainee.ts';
import { createEncoder } from '../../../src/serving/encoders/onnx-encoder.ts';
import { readModelFolder } from '../../../src/serving/models/read-model-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { imageFolder, starterFolder } from './support/models.ts';
import { encoded, forward, largestDifference, weightsIn } from './support/trained.ts';

const COLOURS = { red: '#c22', blue: '#22c' } as const;

/** Six pictures of a disc in each of two colours. */
async function drawPictures(folder: string) {
  const pictures: Array<{ picture: string; text: string }> = [];
  for (const [text, colour] of Object.entries(COLOURS)) {
    for (let at = 0; at < 6; at++) {
      const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240"><circle cx="${60 + 20 * at}" cy="120" r="${40 + 5 * at}" fill="${colour}"/></svg>`;
      const picture = join(folder, `${text}-${at}.png`);
      await sharp(Buffer.from(drawing)).flatten({ background: '#fff' }).png().toFile(picture);
      pictures.push({ picture, text });
    }
  }
  return pictures;
}

describe('a picture encoder', { timeout: 120_000 }, () => {
  it('learns its last block and head from pictures and words; the rest does not move a bit', async () => {
    const folder = await temporaryFolder();
    const pictures = await drawPictures(folder);
    const out = join(folder, 'trained');
    const { losses, parameters } = await trainModel({
      model: imageFolder,
      out,
      recipe: { kind: 'encoder', lastLayers: 1 },
      data: { kind: 'pictures', pictures, textModel: starterFolder },
      settings: { steps: 8, batch: 8, learningRate: 1e-3 },
    });
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.9);

    const before = await loadEncoder(imageFolder);
    const after = await weightsIn(out);
    expect(parameters.size).toBe(11);
    for (const [name, { data }] of before.model.graph.initializers) {
      if (!parameters.has(name)) expect([name, after.get(name)?.data]).toEqual([name, data]);
    }

    const { outputs } = await readModelFolder(out);
    expect(outputs.find(({ name }) => name === 'text_aligned')?.space).toBe('all-MiniLM-L6-v2');
    expect(outputs.find(({ name }) => name === 'features')?.space).toMatch(/^trained-[0-9a-f]{8}:features$/);

    const files = pictures.slice(0, 3).map(({ picture }) => picture);
    const rows = await forward(pictureTrainee(before, { lastLayers: 1 }), parameters, files, 'item');
    const encoder = await createEncoder(out, { threads: 1 });
    const vectors = await encoder.encodeItems(
      await Promise.all(files.map(async (file) => ({ image: new Uint8Array(await readFile(file)) }))),
    );
    await encoder.close();
    const names = before.spec.outputs.map(({ name }) => name);
    const joined = vectors.map((one) => Float32Array.from(names.flatMap((name) => [...(one[name] ?? [])])));
    expect(largestDifference(joined, rows)).toBeLessThan(1e-5);
  });

  it('and a text encoder learn to meet in one new space', async () => {
    const folder = await temporaryFolder();
    const out = join(folder, 'met');
    const { losses } = await trainModel({
      model: imageFolder,
      out,
      recipe: { kind: 'two-tower', lastLayers: 1 },
      data: { kind: 'pictures', pictures: await drawPictures(folder), textModel: starterFolder },
      settings: { steps: 8, batch: 4, items: 8, learningRate: 3e-4 },
    });
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    const [pictures, texts] = [await readModelFolder(out), await readModelFolder(join(out, 'query'))];
    const aligned = pictures.outputs.find(({ name }) => name === 'text_aligned');
    expect(aligned?.space).toMatch(/^met-[0-9a-f]{8}$/);
    expect(texts.outputs.map(({ space }) => space)).toEqual([aligned?.space]);
    expect(texts.card).toMatchObject({ side: 'query', lineage: { parent: { id: 'starter' } } });
    const [red] = await encoded(join(out, 'query'), ['red']);
    expect(red).toHaveLength(384);
    const weights = await weightsIn(join(out, 'query'));
    const before = await loadEncoder(starterFolder);
    const table = 's.emb.weight';
    expect(weights.get(table)?.data).toEqual(before.model.graph.initializers.get(table)?.data);
  });

  it('is not trained from texts', async () => {
    const data = { kind: 'pairs', pairs: [{ query: 'a', item: 'b' }] } as const;
    const trained = trainModel({
      model: imageFolder,
      out: join(await temporaryFolder(), 'x'),
      recipe: { kind: 'lora' },
      data,
    });
    await expect(trained).rejects.toThrow('reads pictures');
  });
});
