import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/foundation/core/hash.ts';
import { createBlobStore } from '../../../src/serving/blobs/blob-store.ts';
import { sniffMediaType } from '../../../src/serving/blobs/sniff-media-type.ts';
import { getItem } from '../../../src/serving/collections/read-items.ts';
import { upsertItems } from '../../../src/serving/collections/upsert-items.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio, sharedBetweenTests } from '../../support/studio.ts';

const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: '#336699' } });
const asDataUri = (bytes: Uint8Array, type = 'image/png'): string =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;

describe('the media type of a picture', () => {
  it('is read from its bytes', async () => {
    expect(sniffMediaType(await picture.clone().jpeg().toBuffer())).toBe('image/jpeg');
    expect(sniffMediaType(await picture.clone().png().toBuffer())).toBe('image/png');
    expect(sniffMediaType(await picture.clone().webp().toBuffer())).toBe('image/webp');
    expect(sniffMediaType(await picture.clone().gif().toBuffer())).toBe('image/gif');
    expect(sniffMediaType(await picture.clone().tiff().toBuffer())).toBe('image/tiff');
    expect(sniffMediaType(await picture.clone().avif().toBuffer())).toBe('image/avif');
    expect(sniffMediaType(Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg>\n<svg xmlns="x"/>'))).toBe(
      'image/svg+xml',
    );
  });

  it('is unknown for anything else', () => {
    for (const text of ['', 'GIF', '<html><svg/></html>', '<?xml', 'RIFF1234WAVE', '{"a":1}'])
      expect(sniffMediaType(Buffer.from(text))).toBe(null);
  });
});

describeOnEveryDatabase('pictures of items', (open) => {
  const openShared = sharedBetweenTests(open);
  const openPhotos = async () => {
    const studio = await openStudio(await openShared());
    const { collection } = await studio.collections.put(freshName(), {
      fields: {
        photo: { type: 'image', embed: true },
        more: { type: 'image', multiple: true },
        title: { type: 'text' },
      },
    });
    return { ...studio, collection };
  };

  it('become blobs, and the payload keeps their hash', async () => {
    const { db, blobs, items, collection } = await openPhotos();
    const png = await picture.clone().png().toBuffer();
    const hash = sha256(png);
    const sent = [
      { id: 'a', photo: asDataUri(png), more: [asDataUri(png, 'application/lies'), 'https://example.org/x.png'] },
      { id: 'b', photo: asDataUri(png) },
    ];
    expect(await upsertItems(items, collection, sent)).toMatchObject({ accepted: 2 });
    expect((await getItem(db, collection, 'a')).payload).toEqual({
      photo: `blob:${hash}`,
      more: [`blob:${hash}`, 'https://example.org/x.png'],
    });
    const stored = await blobs.get(hash);
    expect(stored.mediaType).toBe('image/png');
    expect(Buffer.from(stored.content)).toEqual(png);
    // Sent again, or by its hash, it is the same item.
    expect(await upsertItems(items, collection, sent)).toMatchObject({ unchanged: 2 });
    expect(await upsertItems(items, collection, [{ id: 'b', photo: `blob:${hash}` }])).toMatchObject({ unchanged: 1 });
  });

  it('are refused with a reason, one item at a time', async () => {
    const { items, collection } = await openPhotos();
    const bad = [
      { id: 'address', photo: 'https://example.org/x.png' },
      { id: 'unknown', photo: `blob:${'0'.repeat(64)}` },
      { id: 'text', photo: asDataUri(Buffer.from('no picture')) },
      { id: 'plain', photo: 'data:image/svg+xml,<svg/>' },
      { id: 'base64', photo: 'data:image/png;base64,***' },
      { id: 'empty', photo: 'data:image/png;base64,' },
      { id: 'list', photo: ['a'] },
    ];
    const result = await upsertItems(items, collection, [...bad, { id: 'none', title: 'no picture at all' }]);
    expect(result.errors.map(({ id, stage, code }) => [id, stage, code])).toEqual([
      ['address', 'blob', 'invalid_image'],
      ['unknown', 'blob', 'blob_not_found'],
      ['text', 'blob', 'invalid_image'],
      ['plain', 'blob', 'invalid_image'],
      ['base64', 'blob', 'invalid_image'],
      ['empty', 'blob', 'invalid_image'],
      ['list', 'validate', 'invalid_item'],
    ]);
    expect(result.errors[0]?.message).toContain('addresses are not fetched');
    expect(result.accepted).toBe(1);
  });

  it('are written once under their hash, by however many at a time', async () => {
    const { db } = await openShared();
    const directory = await mkdtemp(join(tmpdir(), 'blobs-'));
    const blobs = createBlobStore({ directory, db, maxBytes: 1000 });
    const png = await picture.clone().png().toBuffer();
    const stored = await Promise.all(Array.from({ length: 8 }, () => blobs.put(png)));
    expect(new Set(stored.map((blob) => blob.hash))).toEqual(new Set([sha256(png)]));
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map((file) => file.name)).toEqual([sha256(png)]);
    expect(await readFile(join(directory, sha256(png).slice(0, 2), sha256(png)))).toEqual(png);
    await expect(blobs.put(Buffer.concat([png, Buffer.alloc(1000)]))).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await expect(blobs.get('../../etc/passwd')).rejects.toMatchObject({ code: 'blob_not_found' });
  });
});
