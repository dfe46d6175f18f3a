import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import type { EngineConnection } from '../../../src/foundation/database/engine.ts';
import type { Database } from '../../../src/foundation/database/open-database.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';

describeOnEveryDatabase('an engine', (open) => {
  it('gives every type back as it went in', async () => {
    const { db } = await open();
    const at = new Date('2024-02-29T23:59:59.123Z');
    const { rows } = await sql`select ${9_007_199_254_740_991}::bigint as big, ${12.5}::numeric as numeric,
      ${0.1}::double precision as double, ${true}::boolean as yes, ${at}::timestamptz as at, ${null}::text as nothing,
      ${'{"a":[1,{"b":null}]}'}::jsonb as json, ${{ a: [1] }}::jsonb as object, ${new Uint8Array([0, 255, 92])}::bytea as bytes,
      ${['a', null, 'x,"y"\\{}', '', 'NULL', ' b ']}::text[] as texts, ${[1.5, null, -1e-7]}::double precision[] as numbers,
      ${[1, 2]}::bigint[] as bigs, ${[true, false]}::boolean[] as booleans, ${[at]}::timestamptz[] as dates,
      ${[]}::text[] as none, '2024-02-29'::date as day, ${'[1,2.5]'}::vector as vector,
      ${'b3c9d7a4-3f57-4b06-8dd0-a3f3f2a3c111'}::uuid as uuid`.execute(db);
    expect(rows).toEqual([
      {
        big: 9_007_199_254_740_991,
        numeric: 12.5,
        double: 0.1,
        yes: true,
        at,
        nothing: null,
        json: { a: [1, { b: null }] },
        object: { a: [1] },
        bytes: new Uint8Array([0, 255, 92]),
        texts: ['a', null, 'x,"y"\\{}', '', 'NULL', ' b '],
        numbers: [1.5, null, -1e-7],
        bigs: [1, 2],
        booleans: [true, false],
        dates: [at],
        none: [],
        day: '2024-02-29',
        vector: '[1,2.5]',
        uuid: 'b3c9d7a4-3f57-4b06-8dd0-a3f3f2a3c111',
      },
    ]);
  });

  it('keeps instants before the year 1 and after the year 9999', async () => {
    const { db } = await open();
    for (const at of [new Date(-62_198_755_200_000), new Date(253_402_300_800_000), new Date(0), new Date(-1)]) {
      const { rows } = await sql<{ ms: number }>`
        select extract(epoch from ${at}::timestamptz) * 1000 as ms`.execute(db);
      expect(rows[0]?.ms).toBe(at.getTime());
    }
  });

  it('binds any text as a value and never as SQL', async () => {
    const { db } = await open();
    await sql`create table said (text text, list text[], json jsonb)`.execute(db);
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\'"\\;$-{},/*%_'), fc.string({ unit: 'binary', maxLength: 1 })),
    });
    const storable = text.map((value) => value.replaceAll('\0', '').toWellFormed());
    await fc.assert(
      fc.asyncProperty(storable, fc.array(storable, { maxLength: 4 }), async (value, list) => {
        const { rows } = await sql`insert into said values (${value}, ${list}, ${JSON.stringify({ [value]: list })})
          returning *`.execute(db);
        expect(rows).toEqual([{ text: value, list, json: { [value]: list } }]);
      }),
      { numRuns: 60 },
    );
  });

  it('tells how many rows a statement touched', async () => {
    const { db } = await open();
    const affected = async (query: ReturnType<typeof sql>) => (await query.execute(db)).numAffectedRows;
    expect(await affected(sql`create table counted (n integer)`)).toBe(0n);
    expect(await affected(sql`insert into counted select generate_series(1, 5)`)).toBe(5n);
    expect(await affected(sql`update counted set n = n + 1 where n > 3 returning n`)).toBe(2n);
    expect(await affected(sql`select * from counted`)).toBe(0n);
    expect(await affected(sql`delete from counted where n = 1`)).toBe(1n);
  });

  it('commits a transaction that ends well and undoes one that throws', async () => {
    const { db } = await open();
    await sql`create table kept (n integer)`.execute(db);
    await db.transaction().execute((trx) => sql`insert into kept values (1)`.execute(trx));
    const failure = new Error('changed my mind');
    await expect(
      db.transaction().execute(async (trx) => {
        await sql`insert into kept values (2)`.execute(trx);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect((await sql`select n from kept`.execute(db)).rows).toEqual([{ n: 1 }]);
  });

  it('honours the isolation level and the access mode of a transaction', async () => {
    const { db } = await open();
    const trx = await db.startTransaction().setIsolationLevel('serializable').setAccessMode('read only').execute();
    const { rows } = await sql`select current_setting('transaction_isolation') as level,
      current_setting('transaction_read_only') as readonly`.execute(trx);
    await trx.rollback().execute();
    expect(rows).toEqual([{ level: 'serializable', readonly: 'on' }]);
  });

  it('reports a refused statement with its SQLSTATE and stays usable', async () => {
    const { db } = await open();
    await sql`create table single (n integer constraint only_once unique)`.execute(db);
    await sql`insert into single values (1)`.execute(db);
    await expect(sql`insert into single values (1)`.execute(db)).rejects.toMatchObject({
      name: 'SqlError',
      code: '23505',
      constraint: 'only_once',
      detail: 'Key (n)=(1) already exists.',
    });
    await expect(sql`select nonsense`.execute(db)).rejects.toMatchObject({ code: '42703' });
    await expect(sql`select ${'\0'}::text`.execute(db)).rejects.toMatchObject({ code: '22021' });
    await expect(sql`select ${'x'}::integer`.execute(db)).rejects.toMatchObject({ code: '22P02' });
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  });

  it('refuses to run a transaction on after an error, until it is rolled back', async () => {
    const { engine } = await open();
    const session = await engine.acquire();
    await session.query('begin');
    await expect(session.query('select nonsense')).rejects.toMatchObject({ code: '42703' });
    await expect(session.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    await session.query('rollback');
    expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    session.release();
  });

  it('takes one statement at a time, even without parameters', async () => {
    const { db } = await open();
    await expect(sql.raw('select 1; select 2').execute(db)).rejects.toMatchObject({ code: '42601' });
  });

  it('hands on no transaction that somebody left open', async () => {
    const { engine, db } = await open();
    await sql`create table left_open (n integer)`.execute(db);
    for (let round = 0; round < 8; round++) {
      const session = await engine.acquire();
      await session.query('begin');
      await session.query('insert into left_open values (1)');
      session.release();
    }
    await sleep(50);
    expect((await sql`select n from left_open`.execute(db)).rows).toEqual([]);
    const session = await engine.acquire();
    // 25P01: there is no transaction to set a savepoint in.
    await expect(session.query('savepoint here')).rejects.toMatchObject({ code: '25P01' });
    session.release();
  });

  it('refuses a session that was given back, and forgives giving it back twice', async () => {
    const { engine } = await open();
    const session = await engine.acquire();
    session.release();
    session.release();
    await expect(session.query('select 1')).rejects.toThrow('released');
    await Promise.all(Array.from({ length: 12 }, () => useSession(engine)));
  });

  it('serves everybody who asks at once, each session to one at a time', async () => {
    const { db } = await open();
    await sql`create table counter (n integer)`.execute(db);
    await sql`insert into counter values (0)`.execute(db);
    await Promise.all(
      Array.from({ length: 40 }, () =>
        db.transaction().execute(async (trx) => {
          const { rows } = await sql<{ n: number }>`select n from counter for update`.execute(trx);
          await sleep(1);
          await sql`update counter set n = ${rows[0]!.n + 1}`.execute(trx);
        }),
      ),
    );
    expect((await sql`select n from counter`.execute(db)).rows).toEqual([{ n: 40 }]);
  });

  it('lets a session wait for its turn in the order of asking', async () => {
    const { engine } = await open();
    const held: EngineConnection[] = [];
    // As many as there are: one of PGlite, five of the pool.
    const sessions = engine.kind === 'pglite' ? 1 : 5;
    for (let index = 0; index < sessions; index++) held.push(await engine.acquire());
    const order: number[] = [];
    const waiting = Array.from({ length: 10 }, async (_, index) => {
      const session = await engine.acquire();
      order.push(index);
      await session.query('select 1');
      session.release();
    });
    held.pop()?.release();
    await Promise.all(waiting);
    for (const session of held) session.release();
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('takes several statements on one session at once, in order', async () => {
    const { engine } = await open();
    const session = await engine.acquire();
    const answers = await Promise.all(
      [1, 2, 3].map((n) => session.query<{ n: number }>('select $1::integer as n', [n])),
    );
    session.release();
    expect(answers.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3]);
  });

  it('carries notifications, by channel, until listening stops', async () => {
    const { engine } = await open();
    const heard: string[] = [];
    const stop = await engine.listen('odd "channel"; --', (payload) => heard.push(payload));
    const stopOther = await engine.listen('other', (payload) => heard.push(`other ${payload}`));
    await engine.notify('odd "channel"; --', `it's "quoted" é`);
    await engine.notify('other', '');
    await until(() => heard.length === 2);
    await stop();
    await engine.notify('odd "channel"; --', 'too late');
    await engine.notify('other', 'last');
    await until(() => heard.length === 3);
    await stopOther();
    expect(heard).toEqual([`it's "quoted" é`, 'other ', 'other last']);
  });

  it('brings large results and large parameters', async () => {
    const { db } = await open();
    const large = 'é'.repeat(3_000_000);
    const { rows } = await sql<{ text: string }>`select ${large}::text as text`.execute(db);
    expect(rows[0]?.text === large).toBe(true);
    const many = await sql<{ n: number }>`select generate_series(1, 50000) as n`.execute(db);
    expect(many.rows.length).toBe(50_000);
  });

  it('says that it is closed, once it is', async () => {
    const { engine, db, close } = await open();
    await sql`select 1`.execute(db);
    await close();
    await close();
    await expect(engine.acquire().then((session) => session.query('select 1'))).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

async function useSession(engine: Database['engine']): Promise<void> {
  const session = await engine.acquire();
  await session.query('select 1');
  session.release();
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 10_000) throw new Error('It did not happen within 10 s.');
    await sleep(10);
  }
}
