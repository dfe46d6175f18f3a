import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countItems, getItem } from '../../../src/serving/collections/read-items.ts';
import { readLines } from '../../../src/serving/collections/read-lines.ts';
import { upsertNdjson } from '../../../src/serving/collections/upsert-ndjson.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio, sharedBetweenTests } from '../../support/studio.ts';

/** Frees what nobody holds, so that what is left is what is held. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describeOnEveryDatabase('a stream of JSON lines', (open) => {
  const openShared = sharedBetweenTests(open);
  const openThings = async () => {
    const studio = await openStudio(await openShared());
    const { collection } = await studio.collections.put(freshName(), {
      fields: { price: { type: 'number', filter: true } },
    });
    return { ...studio, collection };
  };

  it('is stored, with an error for each faulty line by its number', async () => {
    const { db, items, collection } = await openThings();
    const lines = [
      '\ufeff{"id":"a","price":1}',
      '',
      '{"id":"b"',
      '{"id":"c","price":"x"}\r',
      '[]',
      '{"id":"d","price":2}\r',
      '{"id":"long","note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
      '{"id":"e"}',
    ];
    const bytes = Buffer.concat([
      Buffer.from(lines.join('\n')),
      Buffer.from('\n{"id":"f","note":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n'),
    ]);
    const result = await upsertNdjson(items, collection, Readable.from([bytes.subarray(0, 30), bytes.subarray(30)]), {
      maxLineBytes: 50,
    });
    expect(result).toMatchObject({ accepted: 3, failed: 5, sequence: 3 });
    expect(result.errors.map(({ index, stage, code }) => [index, stage, code])).toEqual([
      [2, 'parse', 'invalid_json'],
      [3, 'validate', 'invalid_item'],
      [4, 'validate', 'invalid_item'],
      [6, 'parse', 'payload_too_large'],
      [8, 'parse', 'invalid_json'],
    ]);
    expect(await countItems(db, collection)).toBe(3);
    expect((await getItem(db, collection, 'd')).payload).toEqual({ price: 2 });
  });

  it('lists a thousand errors and counts the others', async () => {
    const { items, collection } = await openThings();
    const result = await upsertNdjson(items, collection, Readable.from([Buffer.from('nonsense\n'.repeat(1500))]));
    expect(result.failed).toBe(1500);
    expect(result.errors.length).toBe(1000);
  });

  it('is read no faster than it is stored', async () => {
    const { items, collection } = await openThings();
    let produced = 0;
    let most = 0;
    let done = 0;
    async function* source() {
      for (; produced < 6000; produced++) {
        most = Math.max(most, produced - done);
        yield Buffer.from(`{"id":"i${produced}","price":${produced}}\n`);
      }
    }
    const result = await upsertNdjson(items, collection, source(), {
      onProgress: ({ lines }) => {
        done = lines;
      },
    });
    expect(result.accepted).toBe(6000);
    expect(most).toBeLessThanOrEqual(1100);
  });

  it('keeps what came before the source broke', async () => {
    const { db, items, collection } = await openThings();
    async function* source() {
      for (let i = 0; i < 1200; i++) yield Buffer.from(`{"id":"i${i}"}\n`);
      throw new Error('connection lost');
    }
    await expect(upsertNdjson(items, collection, source())).rejects.toThrow('connection lost');
    await expect.poll(() => countItems(db, collection)).toBe(1000);
  });
});

describe('lines of a byte stream', () => {
  it('are the same however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        async (texts, cuts) => {
          const bytes = Buffer.from(texts.join('\n'));
          async function* source() {
            for (let at = 0; at < bytes.length; ) {
              const size = cuts.next().value as number;
              yield bytes.subarray(at, at + size);
              at += size;
            }
          }
          const expected = bytes
            .toString()
            .split('\n')
            .map((text, index) => ({ index, text: index === 0 ? text.replace(/^\ufeff/, '') : text }))
            .filter(({ text }) => /[^ \t\r]/.test(text));
          const read: unknown[] = [];
          for await (const line of readLines(source(), 1000))
            read.push({ index: line.index, text: Buffer.from(line.content!).toString() });
          expect(read).toEqual(expected);
        },
      ),
    );
  });

  it('above the limit are dropped while they are read, not held', async () => {
    const held = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let growth = 0;
    async function* source() {
      for (let i = 0; i < 4000; i++) yield Buffer.alloc(100_000, 'x');
      growth = held() - before;
      yield Buffer.from('\nshort\n');
    }
    const lines = [];
    for await (const line of readLines(source(), 1000)) lines.push([line.index, line.bytes, line.content?.toString()]);
    expect(lines).toEqual([
      [0, 400_000_000, undefined],
      [1, 5, 'short'],
    ]);
    expect(growth).toBeLessThan(20_000_000);
  });
});
