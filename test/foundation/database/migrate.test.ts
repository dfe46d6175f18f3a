import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { migrate } from '../../../src/foundation/database/migrate.ts';
import { migrations } from '../../../src/foundation/database/migrations/index.ts';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { createEmptyDatabase, describeOnEveryDatabase, describeOnPostgres } from '../../support/databases.ts';

describeOnEveryDatabase('migrating', (open) => {
  it('has run every migration when a database opens, and does nothing the next time', async () => {
    const { db } = await open();
    const done = () =>
      sql<{ name: string; timestamp: string }>`select * from kysely_migration order by name`.execute(db);
    const { rows } = await done();
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(migrations));
    await migrate(db);
    expect((await done()).rows).toEqual(rows);
  });

  it('names its migrations in the order in which they run', () => {
    expect(Object.keys(migrations)).toEqual(Object.keys(migrations).toSorted());
  });

  it('refuses a database that a newer version has written', async () => {
    const { db } = await open();
    await sql`insert into kysely_migration values ('9999-from-the-future', '2099-01-01T00:00:00.000Z')`.execute(db);
    await expect(migrate(db)).rejects.toMatchObject({
      code: 'database_unsuitable',
      message: expect.stringContaining('9999-from-the-future'),
    });
    await sql`delete from kysely_migration where name like '9999%'`.execute(db);
  });
});

describeOnPostgres('migrating on a server', (server) => {
  it('happens once when several processes start at the same moment', async () => {
    const { url, drop } = await createEmptyDatabase(server);
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ databaseUrl: url, poolSize: 2 })));
    const { rows } = await sql`select name from kysely_migration`.execute(opened[0]!.db);
    expect(rows).toHaveLength(Object.keys(migrations).length);
    for (const { close } of opened) await close();
    await drop();
  });
});
