import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketFor, bucketLengths } from '../../../src/learning/training/batches/bucket-lengths.ts';
import { lengthBatches } from '../../../src/learning/training/batches/length-batches.ts';
import { knownOf, pairBatches } from '../../../src/learning/training/batches/pair-batches.ts';
import { pairSetOf } from '../../../src/learning/training/batches/pair-set.ts';
import { tokenFeeds } from '../../../src/learning/training/batches/token-feeds.ts';

const take = <T>(iterator: Iterator<T>, count: number): T[] =>
  Array.from({ length: count }, () => iterator.next().value as T);

describe('length buckets', () => {
  it('are multiples of 4 and hold every length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (lengths, count) => {
          const buckets = bucketLengths(lengths, count);
          expect(buckets.length).toBeLessThanOrEqual(count);
          for (const bucket of buckets) expect(bucket % 4).toBe(0);
          for (const length of lengths) expect(bucketFor(buckets, length)).toBeGreaterThanOrEqual(length);
          expect(buckets.at(-1)).toBeLessThan(Math.max(...lengths) + 4);
        },
      ),
    );
  });

  it('pad least: no other choice of as many lengths does better', () => {
    const lengths = [3, 5, 9, 9, 9, 30, 31, 60, 100];
    const paddedBy = (buckets: readonly number[]): number =>
      lengths.reduce((sum, length) => sum + bucketFor(buckets, length) - length, 0);
    const best = paddedBy(bucketLengths(lengths, 3));
    const all = [4, 8, 12, 16, 32, 60, 64];
    for (const first of all)
      for (const second of all) {
        expect(best).toBeLessThanOrEqual(paddedBy([...new Set([first, second, 100])].sort((a, b) => a - b)));
      }
  });
});

describe('batches of pairs', () => {
  const records = Array.from({ length: 60 }, (_, at) => ({
    query: `query ${at % 12}`,
    item: `item ${at % 30}`,
    weight: 1 + (at % 3),
    negatives: [`wrong ${at}`],
  }));
  const set = pairSetOf(records, ['item 3', 'never asked for']);

  it('number each text once and keep what is known', () => {
    expect([set.queries.length, set.items.length, set.pairs.length]).toEqual([12, 91, 60]);
    expect([...(set.right[0] as ReadonlyMap<number, number>).keys()].map((item) => set.items[item])).toEqual([
      'item 0',
      'item 12',
      'item 24',
      'item 6',
      'item 18',
    ]);
  });

  it('are decided by the seed', () => {
    const first = take(pairBatches(set, { pairs: 8, items: 16, seed: 4 }), 20);
    expect(take(pairBatches(set, { pairs: 8, items: 16, seed: 4 }), 20)).toEqual(first);
    expect(take(pairBatches(set, { pairs: 8, items: 16, seed: 5 }), 20)).not.toEqual(first);
  });

  it('have no query and no item twice while the data offers others', () => {
    for (const batch of take(pairBatches(set, { pairs: 8, items: 16, seed: 4 }), 40)) {
      expect(new Set(batch.queries).size).toBe(8);
      expect(new Set(batch.items).size).toBe(16);
    }
  });

  it('bring every pair about equally often', () => {
    const seen = new Map<string, number>();
    for (const batch of take(pairBatches(set, { pairs: 6, items: 6, seed: 1 }), 100)) {
      batch.queries.forEach((query, row) => {
        const key = `${query} ${batch.items[row]}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      });
    }
    expect(seen.size).toBe(60);
    expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(8);
    expect(Math.max(...seen.values())).toBeLessThanOrEqual(12);
  });

  it('bring every query equally often when queries are sampled, however many items it has', () => {
    const uneven = pairSetOf([
      ...records,
      ...Array.from({ length: 300 }, (_, at) => ({ query: 'query 0', item: `more ${at}` })),
    ]);
    const asked = take(pairBatches(uneven, { pairs: 6, items: 6, seed: 1, sample: 'queries' }), 100).flatMap(
      (batch) => batch.queries,
    );
    const counts = uneven.queries.map((_, query) => asked.filter((one) => one === query).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('exclude what is right for another query, and never the pair itself', () => {
    for (const batch of take(pairBatches(set, { pairs: 8, items: 20, seed: 9 }), 10)) {
      const { queries, items } = batch;
      const { exclusions, gains } = knownOf(set, batch);
      queries.forEach((query, row) => {
        items.forEach((item, column) => {
          const right = set.right[query]?.has(item) === true && column !== row;
          expect(exclusions[row * items.length + column]).toBe(right ? -1e4 : 0);
          expect(gains[row * items.length + column]).toBe(set.right[query]?.get(item) ?? 0);
        });
      });
    }
  });

  it('are made from less data than they hold', () => {
    const tiny = pairSetOf([{ query: 'a', item: 'b' }]);
    const [batch] = take(pairBatches(tiny, { pairs: 2, items: 3, seed: 1 }), 1);
    expect(batch?.queries).toEqual([0, 0]);
    expect([...knownOf(tiny, batch!).exclusions]).toEqual([0, -1e4, -1e4, -1e4, 0, -1e4]);
  });
});

describe('batches by length', () => {
  it('take each row once an epoch and pad less than chance does', () => {
    const lengths = Array.from({ length: 320 }, (_, row) => 1 + ((row * 37) % 100));
    const batches = take(lengthBatches(lengths, { rows: 16, seed: 2 }), 20);
    expect(new Set(batches.flat()).size).toBe(320);
    const padded = batches.reduce((sum, rows) => sum + 16 * Math.max(...rows.map((row) => lengths[row] as number)), 0);
    const needed = lengths.reduce((sum, length) => sum + length, 0);
    expect(padded / needed).toBeLessThan(1.15);
  });
});

describe('token feeds', () => {
  it('pad at the end, and give what the graph asks for in its own type', () => {
    const shape = ['batch', 'length'];
    const feeds = tokenFeeds(
      [
        { name: 'input_ids', type: 'int64', shape },
        { name: 'attention_mask', type: 'int32', shape },
        { name: 'position_ids', type: 'int64', shape },
      ],
      { rows: [[7, 8], [9]], padId: 3 },
      4,
    );
    expect(feeds.input_ids).toEqual({
      type: 'int64',
      dims: [2, 4],
      data: BigInt64Array.of(7n, 8n, 3n, 3n, 9n, 3n, 3n, 3n),
    });
    expect(feeds.attention_mask?.data).toEqual(Int32Array.of(1, 1, 0, 0, 1, 0, 0, 0));
    expect(feeds.position_ids?.data).toEqual(BigInt64Array.of(0n, 1n, 0n, 0n, 0n, 0n, 0n, 0n));
  });

  it('refuse a graph that wants what texts do not have', () => {
    expect(() =>
      tokenFeeds([{ name: 'past_key', type: 'float32', shape: null }], { rows: [[1]], padId: 0 }, 8),
    ).toThrow('asks for an input "past_key"');
  });
});
