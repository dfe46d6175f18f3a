import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import type { BlobStore } from '../../../../src/serving/blobs/blob-store.ts';
import { DEFAULT_PARTS } from '../../../../src/serving/collections/defaults.ts';
import type { Fields, PartSettings } from '../../../../src/serving/collections/schema.ts';
import { createVectorWriter, type VectorRow } from '../../../../src/serving/indexes/follow/vector-writer.ts';
import type { Change } from '../../../../src/serving/indexes/ports.ts';
import { createCountingEncoder } from '../../../support/counting-encoder.ts';

const fields: Fields = { title: { type: 'text', embed: true }, photo: { type: 'image', embed: true, multiple: true } };
const change = (key: number, payload: object, deleted = false): Change => ({
  key,
  id: `i${key}`,
  sequence: key,
  deleted,
  payload: payload as Change['payload'],
  embedSequence: key,
  lexicalSequence: key,
});

const pictures = new Map([
  ['aa'.repeat(32), Buffer.from('first')],
  ['bb'.repeat(32), Buffer.from('second')],
]);
const blobs: BlobStore = {
  put: async () => {
    throw new Error('A writer stores nothing.');
  },
  async get(hash) {
    const content = pictures.get(hash);
    if (content === undefined) throw new StudioError('blob_not_found', 'There is no such blob.');
    return { content, mediaType: 'image/png' };
  },
  known: async () => new Set(pictures.keys()),
};

/** What a batch writes: the keys it replaces and the rows it puts there. */
async function writtenBy(modality: 'text' | 'image', changes: readonly Change[], parts: PartSettings = DEFAULT_PARTS) {
  const written: Array<{ keys: readonly number[]; rows: readonly VectorRow[] }> = [];
  const { encoder, encodedItems } = createCountingEncoder({ modality });
  const writer = createVectorWriter({
    collection: { fields, parts },
    encoder,
    blobs,
    targets: [{ id: 7, output: 'embedding' }],
    replaceVectors: async (_, __, keys, rows) => void written.push({ keys, rows }),
  });
  const { write, failures } = await writer.prepare(changes);
  await write(null as never);
  return {
    keys: written[0]!.keys,
    rows: written[0]!.rows.map(({ key, part, text }) => ({ key, part, text })),
    failures,
    encodedItems,
  };
}

describe('a vector writer', () => {
  it('removes the vectors of deleted and of empty items', async () => {
    const { keys, rows } = await writtenBy('text', [
      change(1, { title: 'a' }),
      change(2, {}, true),
      change(3, { title: ' ' }),
    ]);
    expect(keys).toEqual([1, 2, 3]);
    expect(rows).toEqual([{ key: 1, part: 0, text: null }]);
  });

  it('encodes every picture of an item and no text with an image model', async () => {
    const photo = [...pictures.keys()].map((hash) => `blob:${hash}`);
    const { rows, encodedItems } = await writtenBy('image', [change(1, { title: 'a', photo })]);
    expect(rows.map(({ key, part }) => [key, part])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(encodedItems.map((base64) => Buffer.from(base64, 'base64').toString())).toEqual(['first', 'second']);
  });

  it('sets aside an item whose picture is gone, and goes on with the others', async () => {
    const { rows, failures } = await writtenBy('image', [
      change(1, { photo: `blob:${'cc'.repeat(32)}` }),
      change(2, { photo: `blob:${'aa'.repeat(32)}` }),
    ]);
    expect(rows.map(({ key }) => key)).toEqual([2]);
    expect(failures).toEqual([expect.objectContaining({ itemId: 'i1', sequence: 1, code: 'blob_not_found' })]);
  });

  it('sets aside the whole item when one of its parts is refused', async () => {
    const split = { split: { kind: 'sentence' }, aggregate: 'max' } as const;
    const { rows, failures } = await writtenBy(
      'text',
      [change(1, { title: 'Good. Part unreadable. Good.' }), change(2, { title: 'Fine.' })],
      split,
    );
    expect(rows).toEqual([{ key: 2, part: 0, text: 'Fine.' }]);
    expect(failures).toEqual([expect.objectContaining({ itemId: 'i1', stage: 'encode' })]);
  });

  it('splits by the tokens of its encoder', async () => {
    const split = { split: { kind: 'tokens', maxTokens: 8 }, aggregate: 'max' } as const;
    const { rows } = await writtenBy('text', [change(1, { title: 'a b c d e f g h i j' })], split);
    expect(rows.map(({ text }) => text)).toEqual(['a b c d e f g h', 'i j']);
  });
});
