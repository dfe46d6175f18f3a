import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { ownTables } from '../../../src/foundation/database/dump/catalogue-queries.ts';
import { restoreDump } from '../../../src/foundation/database/dump/restore-dump.ts';
import { writeDump } from '../../../src/foundation/database/dump/write-dump.ts';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { openStudio } from '../../support/studio.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ABOUT = { productVersion: '0.1.0', now: new Date('2024-01-01T00:00:00Z') };

describeOnEveryDatabase('the tables of an installation', (open) => {
  it('are all in a dump, those of collections and of every kind of index too', async () => {
    const database = await open();
    const { collections } = await openStudio(database);
    await collections.put('all', {
      fields: { name: { type: 'text', embed: true, lexical: true }, photo: { type: 'image', embed: true } },
    });
    const { rows } = await sql<{ name: string }>`select relname as name from pg_class
      where relkind = 'r' and relnamespace = current_schema()::regnamespace order by relname collate "C"`.execute(
      database.db,
    );
    expect(await ownTables(database.db)).toEqual(rows.map((row) => row.name));
  });

  it('are told from those of others, which a restore neither counts nor drops', async () => {
    const source = await openDatabase();
    const file = join(await temporaryFolder(), 'dump.gz');
    await writeDump(source.db, file, ABOUT);
    await source.close();
    const { db } = await open();
    await sql`create table archive_2024 (n integer)`.execute(db);
    await sql`create table empty_1 (n integer)`.execute(db);
    await sql`insert into archive_2024 values (1)`.execute(db);
    await restoreDump(db, file);
    const { rows } =
      await sql`select (select count(*) from archive_2024) as kept, to_regclass('empty_1') is not null as there`.execute(
        db,
      );
    expect(rows).toEqual([{ kept: 1, there: true }]);
  });
});
