import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { checkServer } from '../../../src/foundation/database/postgres/check-server.ts';
import { createEmptyDatabase, describeOnPostgres } from '../../support/databases.ts';

describe('a server that cannot be reached', () => {
  it.each([
    [
      'nothing listens',
      'postgres://me:s3cr3t@127.0.0.1:1/studio',
      'PostgreSQL at 127.0.0.1:1/studio cannot be used: nothing listens there.',
    ],
    [
      'no such host',
      'postgres://me:s3cr3t@nowhere.invalid/studio',
      expect.stringContaining('nowhere.invalid:5432/studio'),
    ],
  ])('because %s: is database_unavailable, without the password', async (_, databaseUrl, message) => {
    const failure = await openDatabase({ databaseUrl }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'database_unavailable', message });
    expect(JSON.stringify(failure)).not.toContain('s3cr3t');
  });

  it('because something else listens there: is database_unavailable', async () => {
    const port = await listenWith((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(openDatabase({ databaseUrl: `postgres://me@127.0.0.1:${port}/x` })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });

  it('because it hangs up: is database_unavailable', async () => {
    const port = await listenWith((socket) => socket.destroy());
    await expect(openDatabase({ databaseUrl: `postgres://me@127.0.0.1:${port}/x` })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
  });
});

describeOnPostgres('a PostgreSQL server', (server) => {
  it('without this database, or for this user, is database_unavailable', async () => {
    const noDatabase = new URL(server);
    noDatabase.pathname = '/there_is_none';
    await expect(openDatabase({ databaseUrl: noDatabase.href })).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('no such database'),
    });
  });

  it('gives up a statement that takes too long', async () => {
    const { url, drop } = await createEmptyDatabase(server);
    const { db, close } = await openDatabase({ databaseUrl: url, statementTimeoutMs: 100 });
    await expect(sql`select pg_sleep(20)`.execute(db)).rejects.toMatchObject({ code: '57014' });
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await close();
    await drop();
  });

  it('whose connections all break serves on with new ones, and tells listeners of the gap', async () => {
    const { url, drop } = await createEmptyDatabase(server);
    const { db, engine, close } = await openDatabase({ databaseUrl: url, poolSize: 3 });
    const other = await openDatabase({ databaseUrl: url, poolSize: 1 });
    const heard: string[] = [];
    let gaps = 0;
    await engine.listen(
      'news',
      (payload) => heard.push(payload),
      () => gaps++,
    );
    await other.engine.notify('news', 'first');
    await until(() => heard.length === 1);

    const trx = await db.startTransaction().execute();
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(other.db);
    await expect(sql`select 1`.execute(trx)).rejects.toMatchObject({ code: 'database_unavailable' });
    await trx
      .rollback()
      .execute()
      .catch(() => {});
    await until(() => gaps === 1);
    await other.engine.notify('news', 'second');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['first', 'second']);
    const answers = await Promise.all(Array.from({ length: 6 }, () => sql`select 1 as one`.execute(db)));
    expect(answers.every(({ rows }) => rows.length === 1)).toBe(true);
    await close();
    await other.close();
    await drop();
  });

  it('keeps the settings of other users of pg in this process', async () => {
    const { default: pg } = await import('pg');
    const { url, drop } = await createEmptyDatabase(server);
    const { db, close } = await openDatabase({ databaseUrl: url });
    expect((await sql`select 5::bigint as n`.execute(db)).rows).toEqual([{ n: 5 }]);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect((await client.query('select 5::bigint as n')).rows).toEqual([{ n: '5' }]);
    await client.end();
    await close();
    await drop();
  });
});

describe('a server that will not do', () => {
  // The catalogue says so in a schema before its own: the same statements read it.
  const cases: readonly (readonly [string, string, string])[] = [
    ['too old', `create function old.current_setting(text) returns text return '140011'`, 'PostgreSQL 140011; 15 is'],
    ['without pgvector', extensions('where false'), 'has no pgvector'],
    ['with an old pgvector', extensions(''), 'has pgvector 0.7.4'],
  ];

  it.each(cases)('because it is %s: is database_unsuitable', async (_, statement, sentence) => {
    const { engine, close } = await openDatabase();
    const session = await engine.acquire();
    await session.query('create schema old');
    await session.query(statement);
    await session.query('set search_path = old, pg_catalog, public');
    await expect(checkServer(session, () => {})).rejects.toMatchObject({
      code: 'database_unsuitable',
      message: expect.stringContaining(sentence),
    });
    session.release();
    await close();
  });

  it('with a pgvector that has known faults: serves, with a warning', async () => {
    const { engine, close } = await openDatabase();
    const session = await engine.acquire();
    const said: string[] = [];
    await checkServer(session, (message) => said.push(message));
    expect(said).toEqual([]);
    await session.query('create schema old');
    await session.query(extensions('').replaceAll('0.7.4', '0.8.3'));
    await session.query('set search_path = old, pg_catalog, public');
    await checkServer(session, (message) => said.push(message));
    expect(said).toEqual([expect.stringContaining('pgvector 0.8.3')]);
    session.release();
    await close();
  });
});

function extensions(condition: string): string {
  return `create view old.pg_available_extensions as select 'vector' as name, '0.7.4' as installed_version,
    '0.7.4' as default_version ${condition}`;
}

/** A server on a free port that does this to whoever connects. */
function listenWith(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer(answer);
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 10_000) throw new Error('It did not happen within 10 s.');
    await sleep(10);
  }
}
