import { describe, expect, it } from 'vitest';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { compileStep, type Step } from '../../../../src/learning/training/step/compile-step.ts';
import { StepCache } from '../../../../src/learning/training/step/step-cache.ts';
import { contrastive, idsOf, smallEncoder, TRAINABLE } from './support/small-encoder.ts';

const store = new ParameterStore();

function compile(rows: number): Promise<Step> {
  const { builder, vectors } = smallEncoder(rows);
  return compileStep({ builder, loss: contrastive(builder, vectors, vectors), store, trainable: TRAINABLE });
}

describe('the cache of compiled steps', () => {
  it('compiles each shape once and forgets the one not used for longest', async () => {
    const cache = new StepCache(2);
    const compiled: number[] = [];
    const get = (rows: number): Promise<Step> =>
      cache.get(`${rows}`, () => {
        compiled.push(rows);
        return compile(rows);
      });
    const first = await get(2);
    await get(3);
    expect(await get(2)).toBe(first);
    await get(4);
    expect(await get(2)).toBe(first);
    await get(3);
    expect(compiled).toEqual([2, 3, 4, 3]);
    await first.run({ ids: idsOf(2, 1) });
    await cache.dispose();
    await expect(first.run({ ids: idsOf(2, 1) })).rejects.toThrow();
  });

  it('does not remember a failure', async () => {
    const cache = new StepCache();
    await expect(cache.get('2', () => Promise.reject(new Error('no such operator')))).rejects.toThrow('no such');
    await (await cache.get('2', () => compile(2))).run({ ids: idsOf(2, 1) });
    await cache.dispose();
  });
});
