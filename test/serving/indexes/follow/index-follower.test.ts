import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { StudioError } from '../../../../src/foundation/core/errors.ts';
import { fromVectorText } from '../../../../src/foundation/core/math.ts';
import type { Database } from '../../../../src/foundation/database/open-database.ts';
import { deleteItems } from '../../../../src/serving/collections/delete-items.ts';
import { upsertItems } from '../../../../src/serving/collections/upsert-items.ts';
import { IndexFollower } from '../../../../src/serving/indexes/follow/index-follower.ts';
import { purgePassed } from '../../../../src/serving/indexes/follow/purge-tombstones.ts';
import type { Change, IndexWriter } from '../../../../src/serving/indexes/ports.ts';
import { hashVector } from '../../../support/counting-encoder.ts';
import { describeOnEveryDatabase } from '../../../support/databases.ts';
import { openStudio, rawItems, sharedBetweenTests } from '../../../support/studio.ts';

const fields = { title: { type: 'text', embed: true }, price: { type: 'number', filter: true } };
const titles = (count: number, word = 'title') =>
  Array.from({ length: count }, (_, index) => ({ id: `i${index}`, title: `${word} ${index}` }));

describeOnEveryDatabase('an index that follows the log', (open) => {
  const openShared = sharedBetweenTests(open);

  /** Closed and emptied after the test: followers follow every collection of their database. */
  const openEmpty = async () => {
    const studio = await openStudio(await openShared());
    onTestFinished(async () => {
      await studio.indexes.close();
      for (const { name } of await studio.collections.list()) await studio.collections.delete(name);
    });
    return studio;
  };

  const openIcons = async (declared: object = { fields }) => {
    const studio = await openEmpty();
    const { collection } = await studio.collections.put('icons', declared);
    const [row] = await studio.db
      .selectFrom('indexes')
      .selectAll()
      .where('collection_id', '=', collection.id)
      .execute();
    const catchUp = async () => {
      const { sequence } = await studio.collections.refresh('icons');
      await studio.indexes.waitForSequence(collection, sequence, 20_000);
    };
    return { ...studio, collection, indexId: row!.id, catchUp };
  };

  /** The index holds just the live items, each with the vector of its text. */
  const expectIndexEqualsLog = async (db: Database['db'], collection: { id: number }, indexId: number) => {
    const live = [...(await rawItems(db, collection)).values()].filter((item) => !item.deleted);
    const { rows } = await sql<{ id: string; embedding: string }>`
      select i.id, v.embedding::text as embedding from ${sql.table(`vectors_${indexId}`)} v join ${sql.table(`items_${collection.id}`)} i on i.key = v.key`.execute(
      db,
    );
    expect(rows.map((row) => row.id).sort()).toEqual(live.map((item) => item.id).sort());
    for (const row of rows) {
      const expected = hashVector(String(live.find((item) => item.id === row.id)?.payload.title));
      for (const [index, value] of fromVectorText(row.embedding).entries())
        expect(value).toBeCloseTo(expected[index]!, 5);
    }
    const count = await sql<{
      count: number;
    }>`select count(*)::integer as count from ${sql.table(`vectors_${indexId}`)}`.execute(db);
    expect(count.rows[0]?.count).toBe(rows.length);
  };

  it('holds what the items say, after writes, changes and deletes', async () => {
    const { db, items, collection, indexes, indexId, catchUp } = await openIcons();
    await indexes.start();
    await upsertItems(items, collection, titles(700));
    await upsertItems(items, collection, titles(50, 'changed'));
    await deleteItems(items, collection, ['i3', 'i4']);
    await catchUp();
    await expectIndexEqualsLog(db, collection, indexId);
    expect(await indexes.lag(collection.id)).toEqual([
      expect.objectContaining({
        indexId,
        kind: 'vector',
        modelId: 'starter',
        output: 'embedding',
        appliedSequence: 752,
        lag: 0,
        failures: 0,
      }),
    ]);
  });

  it('never embeds again what only changed beside the text', async () => {
    const { items, collection, indexes, text, catchUp } = await openIcons();
    await indexes.start();
    await upsertItems(items, collection, titles(10));
    await catchUp();
    expect(text.encodedItems.length).toBe(10);
    await upsertItems(
      items,
      collection,
      titles(10).map((item, index) => ({ ...item, price: index, undeclared: true })),
    );
    await upsertItems(
      items,
      collection,
      titles(10).map((item, index) => ({ ...item, price: index, undeclared: true })),
    );
    await catchUp();
    expect(text.encodedItems.length).toBe(10);
    await upsertItems(items, collection, [{ id: 'i0', title: 'new' }]);
    await catchUp();
    expect(text.encodedItems.slice(10)).toEqual(['new']);
  });

  it('goes on where it stopped, and a dropped batch leaves no trace', async () => {
    const { db, items, collection, indexes, makeIndexes, text, indexId, catchUp } = await openIcons();
    await upsertItems(items, collection, titles(300));
    const release = text.hold();
    await indexes.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = performance.now();
    await indexes.close();
    expect(performance.now() - before).toBeLessThan(1000);
    release();
    expect((await indexes.lag(collection.id))[0]).toMatchObject({ appliedSequence: 0, lag: 300 });
    const next = makeIndexes();
    onTestFinished(() => next.close());
    await next.start();
    await catchUp();
    await expectIndexEqualsLog(db, collection, indexId);
  });

  it('applies a batch again after its transaction failed', async () => {
    const { db, engine, items, collection, indexId } = await openIcons();
    await upsertItems(items, collection, titles(5));
    let attempts = 0;
    const seen: string[] = [];
    const writer: IndexWriter = {
      indexIds: [indexId],
      prepare: async (changes) => ({
        failures: [],
        async write(transaction) {
          await sql`insert into ${sql.table(`vectors_${indexId}`)} (key, part, embedding) select unnest(${changes.map((change) => change.key)}::integer[]), 0, '[1,0,0,0,0,0,0,0]'`.execute(
            transaction,
          );
          if (++attempts < 3) throw new StudioError('database_unavailable', 'The connection was lost.');
          seen.push(...changes.map((change) => change.id));
        },
      }),
    };
    const follower = new IndexFollower({
      engine,
      db,
      collectionId: collection.id,
      writer,
      sequenceOf: (change) => change.sequence,
    });
    onTestFinished(() => follower.close());
    follower.start();
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(5);
    await follower.close();
    const count = await sql<{
      count: number;
    }>`select count(*)::integer as count from ${sql.table(`vectors_${indexId}`)}`.execute(db);
    expect(count.rows[0]?.count).toBe(5);
  });

  it('is moved by one of two followers at a time', async () => {
    const { db, engine, items, collection, indexId } = await openIcons();
    // Not idempotent on purpose: a batch applied twice would break the primary key or be counted twice.
    await sql`create table applied (id text not null, sequence bigint primary key)`.execute(db);
    const writer = (): IndexWriter => ({
      indexIds: [indexId],
      prepare: async (changes: readonly Change[]) => ({
        failures: [],
        async write(transaction) {
          for (const change of changes)
            await sql`insert into applied values (${change.id}, ${change.sequence})`.execute(transaction);
        },
      }),
    });
    const errors: unknown[] = [];
    const followers = Array.from(
      { length: 2 },
      () =>
        new IndexFollower({
          engine,
          db,
          collectionId: collection.id,
          writer: writer(),
          sequenceOf: (change) => change.sequence,
          batchSize: 7,
          onError: (error) => errors.push(error),
        }),
    );
    onTestFinished(() => Promise.all(followers.map((follower) => follower.close())).then(() => {}));
    for (const follower of followers) follower.start();
    for (let start = 0; start < 120; start += 30)
      await upsertItems(items, collection, titles(120).slice(start, start + 30));
    const applied = async () =>
      (await sql<{ id: string }>`select id from applied order by sequence`.execute(db)).rows.map((row) => row.id);
    await expect.poll(async () => (await applied()).length, { timeout: 10_000 }).toBe(120);
    expect(await applied()).toEqual(titles(120).map((item) => item.id));
    expect(errors).toEqual([]);
  });

  it('sets an item aside that cannot be encoded, with the reason, and takes it when it is mended', async () => {
    const { db, items, collection, indexes, indexId, catchUp } = await openIcons();
    await indexes.start();
    await upsertItems(items, collection, [...titles(20), { id: 'bad', title: 'unreadable' }]);
    await catchUp();
    const failures = await db.selectFrom('index_failures').selectAll().execute();
    expect(failures).toEqual([
      expect.objectContaining({
        index_id: indexId,
        item_id: 'bad',
        stage: 'encode',
        code: 'encoding_failed',
        message: 'The text is unreadable.',
      }),
    ]);
    expect((await indexes.lag(collection.id))[0]).toMatchObject({ failures: 1, lag: 0 });
    await upsertItems(items, collection, [{ id: 'bad', title: 'good' }]);
    await catchUp();
    expect(await db.selectFrom('index_failures').selectAll().execute()).toEqual([]);
    await expectIndexEqualsLog(db, collection, indexId);
  });

  it('closes in on an item that breaks its whole batch', async () => {
    const { db, engine, items, collection, indexId } = await openIcons();
    await upsertItems(items, collection, titles(40));
    const applied = new Set<string>();
    const writer: IndexWriter = {
      indexIds: [indexId],
      async prepare(changes) {
        if (changes.some((change) => change.id === 'i17')) throw new TypeError('This item is poison.');
        return {
          failures: [],
          async write() {
            for (const change of changes) applied.add(change.id);
          },
        };
      },
    };
    const follower = new IndexFollower({
      engine,
      db,
      collectionId: collection.id,
      writer,
      sequenceOf: (change) => change.sequence,
      batchSize: 16,
    });
    onTestFinished(() => follower.close());
    follower.start();
    await expect.poll(() => applied.size, { timeout: 10_000 }).toBe(39);
    expect(await db.selectFrom('index_failures').select(['item_id', 'stage', 'message']).execute()).toEqual([
      { item_id: 'i17', stage: 'prepare', message: 'This item is poison.' },
    ]);
  });

  it('waits for an encoder that is away and loses nothing', async () => {
    const { db, items, collection, indexes, text, indexId, catchUp, errors } = await openIcons();
    text.setAway(new StudioError('overloaded', 'The encoder is busy.'));
    await indexes.start();
    await upsertItems(items, collection, titles(5));
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    await expect(indexes.waitForSequence(collection, 5, 50)).rejects.toMatchObject({ code: 'wait_timeout' });
    text.setAway(null);
    await catchUp();
    expect(await db.selectFrom('index_failures').selectAll().execute()).toEqual([]);
    await expectIndexEqualsLog(db, collection, indexId);
  });

  it('splits long texts into parts that are replaced together', async () => {
    const { db, items, collection, indexes, indexId, catchUp } = await openIcons({
      fields,
      parts: { split: { kind: 'sentence' } },
    });
    await indexes.start();
    await upsertItems(items, collection, [
      { id: 'a', title: 'One. Two. Three.' },
      { id: 'empty', title: '  ' },
    ]);
    await catchUp();
    const parts = async () =>
      (
        await sql<{
          part: number;
          text: string;
        }>`select part, text from ${sql.table(`vectors_${indexId}`)} order by key, part`.execute(db)
      ).rows;
    expect(await parts()).toEqual([
      { part: 0, text: 'One.' },
      { part: 1, text: 'Two.' },
      { part: 2, text: 'Three.' },
    ]);
    await upsertItems(items, collection, [{ id: 'a', title: 'Four.' }]);
    await catchUp();
    expect(await parts()).toEqual([{ part: 0, text: 'Four.' }]);
  });

  it('takes in a collection that is made, changed and deleted while it runs', async () => {
    const studio = await openEmpty();
    await studio.indexes.start();
    const { collection } = await studio.collections.put('late', { fields });
    await upsertItems(studio.items, collection, [{ id: 'a', title: 'x', note: 'n' }]);
    await studio.indexes.waitForSequence(collection, 1, 10_000);
    await studio.collections.put('late', { fields: { ...fields, note: { type: 'text', embed: true } } });
    const { sequence } = await studio.collections.refresh('late');
    await studio.indexes.waitForSequence(collection, sequence, 10_000);
    // Whatever a follower of the old schema began meanwhile, only the new reading is kept.
    const [lag] = await studio.indexes.lag(collection.id);
    const stored = await sql<{ embedding: string }>`
      select embedding::text as embedding from ${sql.table(`vectors_${lag!.indexId}`)}`.execute(studio.db);
    expect(fromVectorText(stored.rows[0]!.embedding)[0]).toBeCloseTo(hashVector('x. n')[0]!, 5);
    await studio.collections.delete('late');
    expect(studio.errors).toEqual([]);
  });

  it('lets tombstones go once every index has passed them', async () => {
    const { db, items, collection, indexes, catchUp, indexId } = await openIcons({
      fields: { ...fields, note: { type: 'text', lexical: true } },
    });
    await upsertItems(items, collection, titles(5));
    await deleteItems(items, collection, ['i0', 'i1']);
    expect(await purgePassed(db, collection.id)).toBe(0);
    await indexes.start();
    await catchUp();
    expect(await purgePassed(db, collection.id)).toBe(2);
    expect([...(await rawItems(db, collection)).keys()]).toEqual(['i2', 'i3', 'i4']);
    await expectIndexEqualsLog(db, collection, indexId);
  });
});
