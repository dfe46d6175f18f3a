import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { deleteItems, deleteMatchingItems } from '../../../src/serving/collections/delete-items.ts';
import { countItems, getItem, getItems, scanItems } from '../../../src/serving/collections/read-items.ts';
import { upsertItems } from '../../../src/serving/collections/upsert-items.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio, rawItems, sharedBetweenTests } from '../../support/studio.ts';

const fields = {
  title: { type: 'text', embed: true, lexical: 2, filter: true },
  brand: { type: 'keyword', filter: true, facet: true },
  price: { type: 'number', filter: true, sort: true },
  colors: { type: 'keyword', multiple: true, filter: true },
  category: { type: 'category', facet: true },
  released: { type: 'date', filter: true },
  place: { type: 'geo', filter: true },
  'maker.name': { type: 'keyword', filter: true },
};

describeOnEveryDatabase('items', (open) => {
  const openShared = sharedBetweenTests(open);
  const openThings = async () => {
    const studio = await openStudio(await openShared());
    const { collection } = await studio.collections.put(freshName(), { fields });
    return { ...studio, collection };
  };

  it('come back as they were sent, undeclared fields too', async () => {
    const { db, items, collection } = await openThings();
    const payload = { title: 'Blue chair', price: 12.5, extra: { deep: [1, null, { a: 'b' }] }, colors: 'blue' };
    const result = await upsertItems(items, collection, [{ id: 'a', ...payload, version: 7 }]);
    expect(result).toEqual({ accepted: 1, failed: 0, unchanged: 0, sequence: 1, errors: [] });
    const item = await getItem(db, collection, 'a');
    expect(item).toEqual({ id: 'a', payload, version: 7, sequence: 1, updatedAt: expect.any(Date) });
    await expect(getItem(db, collection, 'b')).rejects.toMatchObject({ code: 'item_not_found' });
  });

  it('have their declared fields in typed columns', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(items, collection, [
      {
        id: 'a',
        title: 'The Blue, chair',
        brand: 'Acme',
        price: 3,
        colors: ['blue', 'red'],
        category: ['Home', 'Chairs', 'Office'],
        released: '2026-01-31T12:00:00+02:00',
        place: { lat: 1.5, lon: -2 },
        maker: { name: 'Jo' },
      },
    ]);
    expect((await rawItems(db, collection)).get('a')).toMatchObject({
      f0: 'The Blue, chair',
      f0_tokens: ' the blue chair ',
      f1: 'Acme',
      f2: 3,
      f3: ['blue', 'red'],
      f4: ['Home', 'Home > Chairs', 'Home > Chairs > Office'],
      f5: new Date('2026-01-31T10:00:00Z'),
      f6_lat: 1.5,
      f6_lon: -2,
      f7: 'Jo',
    });
  });

  it('fail one by one, each with its place, stage, code and a sentence', async () => {
    const { items, collection } = await openThings();
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);
    const bad: unknown[] = [
      { id: 'price', price: 'cheap' },
      { id: 'list', brand: ['a', 'b'] },
      { id: 'date', released: '2026-02-30' },
      { id: 'geo', place: { lat: 100, lon: 0 } },
      { id: 'nul', title: 'a\u0000b' },
      { id: 'half', note: 'a\ud800' },
      { id: 'key', 'a\u0000': 1 },
      { id: 'deep', deep },
      { id: 'huge', note: 'x'.repeat(1_100_000) },
      { id: 'keyword', brand: 'x'.repeat(1001) },
      { id: 'version', version: 1.5 },
      { id: 'x'.repeat(257) },
      { id: 'tab\t' },
      { id: '\ufeffmark' },
      { id: 5 },
      { title: 'no id' },
      null,
      'text',
    ];
    const result = await upsertItems(items, collection, [...bad, { id: 'good', title: 'fine' }]);
    expect(result).toMatchObject({ accepted: 1, failed: bad.length, sequence: 1 });
    expect(result.errors.map((error) => error.index)).toEqual(bad.map((_, index) => index));
    for (const error of result.errors) {
      expect(error).toMatchObject({ stage: 'validate', message: expect.stringMatching(/^[A-Z].+\.$/) });
      expect(['invalid_item', 'payload_too_large']).toContain(error.code);
    }
  });

  it('are skipped when they are equal, whatever the order of their keys', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(items, collection, [{ id: 'a', title: 'x', price: 1 }]);
    const again = await upsertItems(items, collection, [{ id: 'a', price: 1, title: 'x' }]);
    expect(again).toMatchObject({ accepted: 1, unchanged: 1, sequence: 1 });
    expect((await rawItems(db, collection)).get('a')?.sequence).toBe(1);
  });

  it('keep their embed and lexical sequences when only other fields change', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(items, collection, [{ id: 'a', title: 'x', price: 1 }]);
    await upsertItems(items, collection, [{ id: 'a', title: 'x', price: 2 }]);
    expect((await rawItems(db, collection)).get('a')).toMatchObject({
      sequence: 2,
      embed_sequence: 1,
      lexical_sequence: 1,
      f2: 2,
    });
    await upsertItems(items, collection, [{ id: 'a', title: 'y', price: 2 }]);
    expect((await rawItems(db, collection)).get('a')).toMatchObject({
      sequence: 3,
      embed_sequence: 3,
      lexical_sequence: 3,
    });
  });

  it('take a newer version and refuse an older one', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(items, collection, [{ id: 'a', title: 'five', version: 5 }]);
    const older = await upsertItems(items, collection, [{ id: 'a', title: 'four', version: 4 }]);
    expect(older).toMatchObject({
      accepted: 0,
      failed: 1,
      errors: [{ id: 'a', stage: 'write', code: 'version_conflict' }],
    });
    expect(await upsertItems(items, collection, [{ id: 'a', title: 'five', version: 5 }])).toMatchObject({
      unchanged: 1,
    });
    expect(await upsertItems(items, collection, [{ id: 'a', title: 'other', version: 5 }])).toMatchObject({
      failed: 1,
    });
    // The same content under a newer version: no change to index, but older writes are refused from now on.
    expect(await upsertItems(items, collection, [{ id: 'a', title: 'five', version: 9 }])).toMatchObject({
      unchanged: 1,
      sequence: 1,
    });
    expect(await upsertItems(items, collection, [{ id: 'a', title: 'eight', version: 8 }])).toMatchObject({
      failed: 1,
    });
    expect(await getItem(db, collection, 'a')).toMatchObject({ version: 9, payload: { title: 'five' } });
  });

  it('of one id in one batch: the last one stands', async () => {
    const { db, items, collection } = await openThings();
    const result = await upsertItems(items, collection, [
      { id: 'a', title: 'first' },
      { id: 'b', title: 'other' },
      { id: 'a', title: 'last' },
    ]);
    expect(result).toMatchObject({ accepted: 3, failed: 0, sequence: 2 });
    expect((await getItem(db, collection, 'a')).payload).toEqual({ title: 'last' });
  });

  it('are deleted by id and by condition, leave tombstones, and may come back', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(
      items,
      collection,
      Array.from({ length: 1200 }, (_, index) => ({ id: `i${index}`, price: index })),
    );
    expect(await deleteItems(items, collection, ['i0', 'i0', 'unknown', 'nul\u0000'])).toEqual({
      deleted: 1,
      sequence: 1201,
    });
    expect(await deleteMatchingItems(items, collection, sql<boolean>`i.f2 < 1100`)).toEqual({
      deleted: 1099,
      sequence: 2300,
    });
    expect(await countItems(db, collection)).toBe(100);
    expect((await getItems(db, collection, ['i0', 'i1150'])).size).toBe(1);
    const tombstone = (await rawItems(db, collection)).get('i0');
    expect(tombstone).toMatchObject({ deleted: true, payload: {}, f2: null, sequence: 1201, embed_sequence: 1201 });
    await upsertItems(items, collection, [{ id: 'i0', price: 0 }]);
    expect((await rawItems(db, collection)).get('i0')).toMatchObject({
      deleted: false,
      key: tombstone?.key,
      sequence: 2301,
      embed_sequence: 2301,
    });
  });

  it('are scanned completely and once, while others come and go', async () => {
    const { db, items, collection } = await openThings();
    await upsertItems(
      items,
      collection,
      Array.from({ length: 250 }, (_, index) => ({ id: `i${index}`, price: index })),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await scanItems(db, collection, { limit: 60, cursor });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
      await deleteItems(items, collection, [`i${seen.length - 1}`]);
      await upsertItems(items, collection, [{ id: 'i249', price: seen.length }]);
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => `i${index}`));
    const filtered = await scanItems(db, collection, { condition: sql<boolean>`i.f2 between 10 and 12` });
    expect(filtered.items.map((item) => item.id)).toEqual(['i10', 'i11', 'i12']);
    await expect(scanItems(db, collection, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('are refused in too great a number at once', async () => {
    const { items, collection } = await openThings();
    await expect(upsertItems(items, collection, new Array(10_001).fill({ id: 'a' }))).rejects.toMatchObject({
      code: 'too_many_items',
    });
  });

  it('are written by several writers at once without a gap or a repetition in the log', async () => {
    const { db, items, collection } = await openThings();
    await Promise.all(
      Array.from({ length: 8 }, (_, writer) =>
        upsertItems(
          items,
          collection,
          Array.from({ length: 40 }, (_, index) => ({ id: `i${(index + writer * 5) % 60}`, price: writer })),
        ),
      ),
    );
    const rows = [...(await rawItems(db, collection)).values()];
    expect(rows.length).toBe(60);
    expect(new Set(rows.map((row) => row.sequence)).size).toBe(60);
  });
});
