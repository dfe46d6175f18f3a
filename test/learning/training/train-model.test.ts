import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate } from '../../../src/foundation/onnx/session/open-session.ts';
import { FrozenEncoder } from '../../../src/learning/training/sources/frozen-encoder.ts';
import { loadEncoder } from '../../../src/learning/training/sources/load-encoder.ts';
import { tokenise } from '../../../src/learning/training/sources/tokenise.ts';
import { encoderTrainee } from '../../../src/learning/training/trainables/encoder-trainee.ts';
import { readModelFolder } from '../../../src/serving/models/read-model-folder.ts';
import { starterFolder } from './support/models.ts';
import { PAIRS } from './support/starter-run.ts';
import { encoded, forward, largestDifference, TEXTS, trainStarter, weightsIn } from './support/trained.ts';

const starter = await loadEncoder(starterFolder);
const spaceOf = async (folder: string): Promise<string | undefined> =>
  (await readModelFolder(folder)).outputs[0]?.space;

describe('a trained encoder', { timeout: 120_000 }, () => {
  it('is a folder whose vectors are those of the graph that was trained, in a space of its own', async () => {
    const { out, parameters } = await trainStarter();
    const trained = await forward(encoderTrainee(starter), parameters);
    expect(largestDifference(await encoded(out), trained)).toBeLessThan(1e-5);
    expect(largestDifference(await encoded(out), await encoded(starterFolder))).toBeGreaterThan(1e-3);
    expect(await spaceOf(out)).toMatch(/^trained-[0-9a-f]{8}$/);
  });

  it('says where it comes from', async () => {
    const { out } = await trainStarter();
    const card = JSON.parse(await readFile(join(out, 'card.json'), 'utf8'));
    expect(card).toMatchObject({
      licence: 'Apache-2.0',
      lineage: {
        parent: { id: 'starter', sha256: starter.sha256 },
        recipe: { kind: 'encoder', steps: 3, seed: 1, learningRate: 1e-4 },
        data: { pairs: PAIRS.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        metrics: { steps: 3, lastLoss: expect.any(Number) },
      },
    });
  });

  it('of which only the last layer was trained has every other weight as it was, bit by bit', async () => {
    const { out, parameters } = await trainStarter({ recipe: { kind: 'encoder', lastLayers: 1 } });
    const weights = await weightsIn(out);
    expect(parameters.size).toBe(16);
    let moved = 0;
    for (const [name, { data }] of starter.model.graph.initializers) {
      if (parameters.has(name)) moved += Buffer.compare(bytesOf(weights.get(name)?.data), bytesOf(data)) === 0 ? 0 : 1;
      else expect(Buffer.compare(bytesOf(weights.get(name)?.data), bytesOf(data))).toBe(0);
    }
    // A key's bias shifts all logits of a row alike, so nothing asks it to move.
    expect(moved).toBeGreaterThanOrEqual(15);
  });

  it('with LoRA is the same merged as beside', async () => {
    const recipe = { kind: 'lora', rank: 4 } as const;
    const { out, parameters } = await trainStarter({ recipe, settings: { learningRate: 1e-2 } });
    expect([...parameters.keys()].every((name) => name.startsWith('lora.'))).toBe(true);
    const beside = encoderTrainee(starter, { lora: { rank: 4, alpha: 8, seed: 1 } });
    expect(largestDifference(await encoded(out), await forward(beside, parameters))).toBeLessThan(1e-5);
    expect(largestDifference(await encoded(out), await encoded(starterFolder))).toBeGreaterThan(1e-3);
  });

  it('stored as int8 is a quarter as large and gives nearly the same vectors', async () => {
    const { out } = await trainStarter({ storage: 'int8' });
    const full = await trainStarter();
    const size = async (folder: string): Promise<number> => (await stat(join(folder, 'encoder.onnx'))).size;
    expect((await size(out)) / (await size(full.out))).toBeLessThan(0.3);
    const [small, large] = [await encoded(out), await encoded(full.out)];
    for (const [row, vector] of small.entries()) {
      expect(vector.reduce((sum, value, at) => sum + value * (large[row]?.[at] as number), 0)).toBeGreaterThan(0.99);
    }
  });

  it.each([
    ['of two lengths', {}],
    ['of one length, which share a graph', { maxTokens: 8 }],
  ])('comes out the same when a batch goes through it in chunks %s', async (_, cut) => {
    const whole = await trainStarter({ settings: { batch: 4, items: 8, ...cut } });
    const chunked = await trainStarter({ settings: { batch: 4, items: 8, chunk: 2, ...cut } });
    for (const [step, loss] of whole.losses.entries()) expect(chunked.losses[step]).toBeCloseTo(loss, 4);
    expect(largestDifference(await encoded(chunked.out), await encoded(whole.out))).toBeLessThan(1e-4);
  });

  it.each(['info-nce', 'margin', 'listwise'] as const)('learns from pairs by %s', async (kind) => {
    const { losses } = await trainStarter({
      data: { kind: 'pairs', pairs: PAIRS.slice(0, 8), loss: { kind } },
      settings: { steps: 12, batch: 8, items: 8, learningRate: 3e-4 },
    });
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.9);
  });

  it('learns its temperature and prefixes of its vectors when asked to', async () => {
    const { losses, parameters } = await trainStarter({
      data: { kind: 'pairs', pairs: PAIRS, loss: { kind: 'info-nce', learnTemperature: true } },
      settings: { matryoshka: [384, 64].map((dimensions) => ({ dimensions, weight: 1 })), anchor: 0.1 },
    });
    expect(parameters.get('temperature.log_scale')?.data[0]).not.toBe(Math.fround(Math.log(20)));
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  it.each(['cosent', 'cosine-mse'] as const)('learns from scored pairs by %s', async (kind) => {
    const rows = PAIRS.slice(0, 6).map(({ query, item }, at) => ({ left: query, right: item, score: at / 5 }));
    const { losses } = await trainStarter({
      data: { kind: 'scores', rows, loss: { kind } },
      settings: { steps: 12, batch: 6, learningRate: 3e-4 },
    });
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.9);
  });
});

describe('a student', { timeout: 120_000 }, () => {
  const texts = PAIRS.map(({ item }) => item);

  it.each(['cosine', 'mse', 'kl'] as const)('learns the vectors of its teacher by %s, in its space', async (kind) => {
    const { out, losses } = await trainStarter({
      data: { kind: 'texts', texts, teacher: starterFolder, loss: { kind } },
      student: { keepLayers: [0, 2], tableRank: 64 },
      settings: { steps: 10, batch: 16, learningRate: 3e-4 },
    });
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.9);
    expect(await spaceOf(out)).toBe(await spaceOf(starterFolder));
    expect((await weightsIn(out)).get('s.emb.weight.components')?.dims).toEqual([30_522, 64]);
    expect((await encoded(out))[0]).toHaveLength(384);
  });
});

describe('an adapter', { timeout: 120_000 }, () => {
  it('for queries gives the same folded into the encoder and beside it, and keeps the space of the items', async () => {
    const { out } = await trainStarter({
      recipe: { kind: 'adapter' },
      settings: { batch: 16, items: 16, learningRate: 0.01 },
    });
    const plain = await encoded(starterFolder);
    const vectors = float32([TEXTS.length, 384], Float32Array.from(plain.flatMap((vector) => [...vector])));
    const results = await evaluate(await readFile(join(out, 'query-adapter.onnx')), { vectors });
    const beside = TEXTS.map((_, row) =>
      (results.sentence_embedding?.data as Float32Array).slice(row * 384, (row + 1) * 384),
    );
    expect(largestDifference(await encoded(out), beside)).toBeLessThan(1e-5);
    expect(largestDifference(await encoded(out), plain)).toBeGreaterThan(1e-3);
    expect(await spaceOf(out)).toBe(await spaceOf(starterFolder));
    expect(JSON.parse(await readFile(join(out, 'card.json'), 'utf8')).side).toBe('query');
  });

  it('for both sides is two folders of one new space', async () => {
    const { out } = await trainStarter({
      recipe: { kind: 'two-tower', adapter: 'mlp', width: 16 },
      settings: { batch: 16, items: 16, learningRate: 0.01 },
    });
    expect(await spaceOf(out)).toBe(await spaceOf(join(out, 'query')));
    expect(await spaceOf(out)).not.toBe(await spaceOf(starterFolder));
    expect(largestDifference(await encoded(out), await encoded(join(out, 'query')))).toBeGreaterThan(1e-3);
  });

  it('asks the frozen encoder for each text once', async () => {
    const frozen = new FrozenEncoder(starterFolder);
    const [first] = await frozen.vectors(['rain', 'rain'], 'query');
    const [again] = await frozen.vectors(['rain'], 'query');
    await frozen.close();
    expect(again).toBe(first);
  });
});

describe('a token table', { timeout: 120_000 }, () => {
  it('begins with what the encoder makes of each token, and moves the rows of tokens that it saw', async () => {
    const { out, parameters } = await trainStarter({ recipe: { kind: 'token-table' } });
    const words = ['guitar', 'ocean', 'umbrella', 'rainy'];
    const before = await encoded(starterFolder, words);
    const { rows } = tokenise(starter.spec, words, 'item');
    const table = parameters.get('token_table')?.data as Float32Array;
    const distances = rows.map(([, id], at) => {
      const row = table.slice((id as number) * 384, ((id as number) + 1) * 384);
      return largestDifference([row], [before[at] as Float32Array]);
    });
    expect(distances.slice(0, 2).every((distance) => distance < 1e-5)).toBe(true);
    expect(distances.slice(2).every((distance) => distance > 1e-3)).toBe(true);
    // Special tokens count as the encoder's own pooling counts them.
    const [first, second] = rows
      .slice(0, 2)
      .map(([start, id, end]) =>
        [start, id, end].map((token) => table.slice((token as number) * 384, ((token as number) + 1) * 384)),
      );
    const mean = (vectors: readonly Float32Array[] = []): Float32Array => {
      const sum = (vectors[0] as Float32Array).map((_, i) =>
        vectors.reduce((total, vector) => total + (vector[i] as number), 0),
      );
      return sum.map((value) => value / Math.hypot(...sum));
    };
    expect(largestDifference(await encoded(out, words.slice(0, 2)), [mean(first), mean(second)])).toBeLessThan(1e-5);
  });
});

describe('what cannot be trained', () => {
  it('is refused before anything is computed, with what to do', async () => {
    const scores = { kind: 'scores', rows: [] } as const;
    await expect(trainStarter({ recipe: { kind: 'adapter' }, data: scores })).rejects.toThrow('learns from pairs');
    await expect(trainStarter({ data: { kind: 'pairs', pairs: [] } })).rejects.toThrow('too few pairs');
    await expect(trainStarter({ data: scores })).rejects.toThrow('too few scored pairs');
    await expect(trainStarter({ recipe: { kind: 'encoder', lastLayers: 9 } })).rejects.toThrow('the model has 3');
    await expect(trainStarter({ recipe: { kind: 'encoder', parameters: 'nothing' } })).rejects.toThrow('left to train');
    await expect(trainStarter({ recipe: { kind: 'encoder', parameters: '(' } })).rejects.toThrow('is no pattern');
    await expect(trainStarter({ settings: { batch: 4, items: 6, chunk: 4 } })).rejects.toThrow('chunks of 4');
    await expect(trainStarter({ data: scores, settings: { chunk: 2 } })).rejects.toThrow('"chunk" has no meaning');
    await expect(trainStarter({ out: starterFolder })).rejects.toThrow('is there already');
    const pictures = { kind: 'pictures', pictures: [], textModel: starterFolder } as const;
    await expect(trainStarter({ data: pictures })).rejects.toThrow('reads texts');
  });
});

const bytesOf = (data: ArrayBufferView | undefined): Uint8Array =>
  data === undefined ? new Uint8Array() : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
