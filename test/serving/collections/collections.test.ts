import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { Collections } from '../../../src/serving/collections/collections.ts';
import { upsertItems } from '../../../src/serving/collections/upsert-items.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { openStudio, rawItems, sharedBetweenTests } from '../../support/studio.ts';

const fields = { title: { type: 'text', embed: true }, price: { type: 'number', filter: true } };

describeOnEveryDatabase('collections', (open) => {
  const openShared = sharedBetweenTests(open);
  const openEmpty = async () => {
    const studio = await openStudio(await openShared());
    for (const { name } of await studio.collections.list()) await studio.collections.delete(name);
    return studio;
  };

  it('are created once, and the same declaration again changes nothing', async () => {
    const { collections } = await openEmpty();
    const first = await collections.put('icons', { fields });
    expect(first).toMatchObject({ created: true, changed: true, collection: { name: 'icons', sequence: 0 } });
    const second = await collections.put('icons', { fields: { price: fields.price, title: fields.title } });
    expect(second).toMatchObject({
      created: false,
      changed: false,
      collection: { updatedAt: first.collection.updatedAt },
    });
    expect(Object.keys((await collections.get('icons')).fields)).toEqual(['title', 'price']);
  });

  it('refuse bad names and schemas and are not found by unknown ones', async () => {
    const { collections } = await openEmpty();
    for (const name of ['', 'Icons', '1a', 'a b', "a'; drop table collections;--", 'a'.repeat(65), 'ü']) {
      await expect(collections.put(name, { fields })).rejects.toMatchObject({ code: 'invalid_collection_name' });
    }
    await expect(collections.put('icons', { fields: {} })).rejects.toMatchObject({ code: 'invalid_schema' });
    await expect(collections.get('icons')).rejects.toMatchObject({ code: 'collection_not_found' });
    await expect(collections.delete('icons')).rejects.toMatchObject({ code: 'collection_not_found' });
    expect(await collections.list()).toEqual([]);
  });

  it('are created by one of several at once', async () => {
    const studio = await openEmpty();
    const results = await Promise.all(Array.from({ length: 4 }, () => studio.collections.put('icons', { fields })));
    expect(results.filter((result) => result.created).length).toBe(1);
    expect(new Set(results.map((result) => result.collection.id)).size).toBe(1);
  });

  it('are listed by name in pages', async () => {
    const { collections } = await openEmpty();
    for (const name of ['c', 'a', 'b']) await collections.put(name, { fields });
    const names = async (after?: string) =>
      (await collections.list({ limit: 2, ...(after === undefined ? {} : { after }) })).map(
        (collection) => collection.name,
      );
    expect(await names()).toEqual(['a', 'b']);
    expect(await names('b')).toEqual(['c']);
  });

  it('fill a new column from the items that are stored', async () => {
    const { db, collections, items } = await openEmpty();
    const { collection } = await collections.put('icons', { fields });
    const many = Array.from({ length: 700 }, (_, index) => ({
      id: `i${index}`,
      title: 't',
      stars: index,
      brand: ['x', 'y'],
    }));
    await upsertItems(items, collection, many);
    const added = { stars: { type: 'number', sort: true }, brand: { type: 'keyword', multiple: true, facet: true } };
    const { collection: evolved, changed } = await collections.put('icons', { fields: { ...fields, ...added } });
    expect(changed).toBe(true);
    expect(evolved.sequence).toBe(700);
    expect((await rawItems(db, evolved)).get('i699')).toMatchObject({ f2: 699, f3: ['x', 'y'], sequence: 700 });
  });

  it('keep their schema when a stored item contradicts the new one, and say which', async () => {
    const { collections, items } = await openEmpty();
    const { collection } = await collections.put('icons', { fields });
    await upsertItems(items, collection, [{ id: 'odd', stars: 'many' }]);
    const change = collections.put('icons', { fields: { ...fields, stars: { type: 'number', filter: true } } });
    await expect(change).rejects.toMatchObject({ code: 'schema_conflict', message: expect.stringContaining('"odd"') });
    expect((await collections.refresh('icons')).fields).toEqual(fields);
  });

  it('give every item a new place in the log when the encoder reads something else', async () => {
    const { db, collections, items } = await openEmpty();
    const { collection } = await collections.put('icons', { fields });
    await upsertItems(items, collection, [
      { id: 'a', title: 'x', note: 'n' },
      { id: 'b', title: 'y' },
    ]);
    const { collection: evolved } = await collections.put('icons', {
      fields: { ...fields, note: { type: 'text', embed: true } },
    });
    expect(evolved).toMatchObject({ sequence: 2 });
    expect((await collections.refresh('icons')).sequence).toBe(4);
    const raw = await rawItems(db, collection);
    expect(raw.get('a')).toMatchObject({ sequence: 3, embed_sequence: 3, lexical_sequence: 1 });
    expect(raw.get('b')).toMatchObject({ sequence: 4, embed_sequence: 4 });
  });

  it('take items that were prepared for the schema before', async () => {
    const { db, collections, items } = await openEmpty();
    const { collection: stale } = await collections.put('icons', { fields });
    await collections.put('icons', { fields: { ...fields, stars: { type: 'number', filter: true } } });
    const result = await upsertItems(items, stale, [
      { id: 'a', stars: 5 },
      { id: 'b', stars: 'x' },
    ]);
    expect(result).toMatchObject({ accepted: 1, failed: 1, errors: [{ id: 'b' }] });
    expect((await rawItems(db, stale)).get('a')?.f2).toBe(5);
  });

  it('get an initial release with their first index, and a new one with other ranking settings', async () => {
    const { db, collections } = await openEmpty();
    expect((await collections.put('plain', { fields: { price: fields.price } })).collection.liveReleaseId).toBe(null);
    const { collection } = await collections.put('icons', { fields });
    const tuned = await collections.updateRanking('icons', { memory: { enabled: false } });
    expect(tuned.ranking).toEqual({ ...collection.ranking, memory: { ...collection.ranking.memory, enabled: false } });
    expect(await collections.get('icons')).toMatchObject({
      liveReleaseId: tuned.liveReleaseId,
      ranking: tuned.ranking,
    });
    const releases = await db.selectFrom('releases').selectAll().orderBy('created_at').execute();
    expect(releases.map((release) => [release.id, release.state, release.index_ids.length])).toEqual([
      [collection.liveReleaseId, 'previous', 1],
      [tuned.liveReleaseId, 'live', 1],
    ]);
    expect((await collections.updateRanking('icons', {})).liveReleaseId).toBe(tuned.liveReleaseId);
    await expect(collections.updateRanking('icons', { weight: 1 })).rejects.toMatchObject({ code: 'invalid_schema' });
  });

  it('leave no table behind when they are deleted', async () => {
    const { db, collections, items } = await openEmpty();
    const { collection } = await collections.put('icons', {
      fields: { ...fields, note: { type: 'text', lexical: true } },
    });
    await upsertItems(items, collection, [{ id: 'a', title: 'x' }]);
    await collections.delete('icons');
    await expect(collections.get('icons')).rejects.toMatchObject({ code: 'collection_not_found' });
    await expect(upsertItems(items, collection, [{ id: 'a' }])).rejects.toMatchObject({ code: 'collection_not_found' });
    const tables =
      await sql`select 1 from pg_class where relname ~ '^(items|vectors|postings|blocks|documents)_[0-9]+'`.execute(db);
    expect(tables.rows).toEqual([]);
    expect(await db.selectFrom('indexes').selectAll().execute()).toEqual([]);
  });

  it('get the indexes of their own settings when two change them at the same time', async () => {
    const { engine, db, collections, indexes } = await openEmpty();
    const photo = { type: 'image', embed: true } as const;
    await collections.put('icons', { fields });
    // What the other one does falls between the plan and the transaction of this one.
    let interfere = async (): Promise<unknown> =>
      await collections.put('icons', { fields: { ...fields, photo }, models: { image: 'starter-image-2' } });
    const slow = new Collections({
      engine,
      db,
      indexes: {
        plan: async (settings) => {
          const plan = await indexes.plan(settings);
          const now = interfere;
          interfere = async () => null;
          await now();
          return plan;
        },
        apply: (transaction, collection, plan) => indexes.apply(transaction, collection, plan as never),
        applyRanking: (transaction, collection) => indexes.applyRanking(transaction, collection),
        drop: (transaction, id) => indexes.drop(transaction, id),
        collectionChanged: () => indexes.collectionChanged(),
        collectionRemoved: (id) => indexes.collectionRemoved(id),
      },
    });
    const { collection } = await slow.put('icons', { fields: { ...fields, photo } });
    const stored = await db.selectFrom('indexes').select('model_id').where('kind', '=', 'vector').execute();
    expect(stored.map((row) => row.model_id).sort()).toEqual(Object.values(collection.models).sort());
  });

  it('are seen changed by another process at once', async () => {
    const [here, there] = [await openEmpty(), await openEmpty()];
    await there.collections.start();
    await here.collections.put('icons', { fields });
    await there.collections.get('icons');
    await here.collections.updateRanking('icons', { lexicalWeight: 0.9 });
    await expect
      .poll(async () => (await there.collections.get('icons')).ranking.lexicalWeight, { timeout: 1500 })
      .toBe(0.9);
    await there.collections.close();
  });
});
