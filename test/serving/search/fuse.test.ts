import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../../src/serving/search/fuse.ts';

const list = (similarities: Record<number, number>, mean = 0, space = 'text') => ({
  space,
  model: 'test',
  mean,
  hits: new Map(
    Object.entries(similarities).map(([key, similarity]) => [
      Number(key),
      { key: Number(key), similarity, part: { position: 0, text: null, similarity } },
    ]),
  ),
});

describe('score fusion', () => {
  it('gives 1 to an item that is best in both lists and weighs the lists by the lexical weight', () => {
    const fused = fuse(
      new Map([
        [1, 8],
        [2, 4],
      ]),
      [list({ 1: 0.9, 3: 0.5 }, 0.1)],
      0.3,
    );
    const score = (key: number) => fused.find((entry) => entry.key === key)?.fused;
    expect(score(1)).toBeCloseTo(1, 12);
    expect(score(2)).toBeCloseTo(0.3 * 0.5, 12);
    expect(score(3)).toBeCloseTo(0.7 * 0.5, 12);
  });

  it('takes an item from the first list that has it', () => {
    const fused = fuse(new Map(), [list({ 1: 0.8 }, 0, 'text'), list({ 1: 0.1, 2: 0.2 }, 0, 'picture')], 0);
    expect(fused.find((entry) => entry.key === 1)?.vector?.space).toBe('text');
    expect(fused.find((entry) => entry.key === 2)?.vector?.space).toBe('picture');
  });

  it('keeps the order of a single list whatever the weight', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 40 }), (scores) => {
        const lexical = new Map(scores.map((score, key) => [key, score]));
        const order = fuse(lexical, [], 0.5).sort((left, right) => right.fused - left.fused);
        expect(order.map((entry) => lexical.get(entry.key))).toEqual([...scores].sort((left, right) => right - left));
      }),
    );
  });

  it('survives lists where all similarities are equal to the mean', () => {
    for (const entry of fuse(new Map(), [list({ 1: 0.4, 2: 0.4 }, 0.4)], 0.5)) expect(entry.fused).toBe(0);
  });
});
