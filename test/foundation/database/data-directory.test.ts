import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/foundation/database/open-database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a data directory', () => {
  it('is made, closed and found again', async () => {
    const directory = join(await temporaryFolder(), 'deep', 'down', 'database');
    const first = await openDatabase({ dataDirectory: directory });
    await sql`create table kept as select 42 as n`.execute(first.db);
    const { rows: settings } = await sql`select current_setting('fsync') as fsync`.execute(first.db);
    expect(settings).toEqual([{ fsync: 'on' }]);
    await first.close();
    const second = await openDatabase({ dataDirectory: directory, fsync: false });
    expect((await sql`select n from kept`.execute(second.db)).rows).toEqual([{ n: 42 }]);
    await second.close();
  });

  it('of another PostgreSQL major is refused with the way out, and left alone', async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, 'PG_VERSION'), '17\n');
    await expect(openDatabase({ dataDirectory: directory })).rejects.toMatchObject({
      code: 'data_directory_foreign',
      message: expect.stringContaining('PostgreSQL 17'),
      hint: expect.stringMatching(/embedding-studio export.*embedding-studio import/),
    });
    expect(await readdir(directory)).toEqual(['PG_VERSION']);
  });

  it('that holds other files is refused and left alone', async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, 'holiday.jpg'), 'sea');
    await expect(openDatabase({ dataDirectory: directory })).rejects.toMatchObject({
      code: 'data_directory_foreign',
      message: expect.stringContaining('no database'),
    });
    expect(await readdir(directory)).toEqual(['holiday.jpg']);
  });

  it('of a PostgreSQL server is refused', async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, 'PG_VERSION'), '18\n');
    await writeFile(join(directory, 'postmaster.opts'), '');
    await expect(openDatabase({ dataDirectory: directory })).rejects.toMatchObject({ code: 'data_directory_foreign' });
  });

  it('that is a file is refused', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, 'x');
    await expect(openDatabase({ dataDirectory: file })).rejects.toMatchObject({ code: 'data_directory_foreign' });
    expect(await readFile(file, 'utf8')).toBe('x');
  });

  it('whose first start was killed is made anew', async () => {
    const directory = join(await temporaryFolder(), 'database');
    await mkdir(directory);
    await writeFile(`${directory}.unfinished`, '');
    await writeFile(join(directory, 'PG_VERSION'), '18\n');
    const { db, close } = await openDatabase({ dataDirectory: directory });
    expect(await db.selectFrom('collections').select('id').execute()).toEqual([]);
    await close();
    expect(await readdir(join(directory, '..'))).toEqual(['database']);
  });

  it('that is damaged gives an error that says so', async () => {
    const directory = join(await temporaryFolder(), 'database');
    await (await openDatabase({ dataDirectory: directory })).close();
    await rm(join(directory, 'global'), { recursive: true });
    await expect(openDatabase({ dataDirectory: directory })).rejects.toMatchObject({
      code: 'database_unavailable',
      message: expect.stringContaining('does not start'),
    });
    expect(await readdir(join(directory, '..'))).toEqual(['database']);
  });
});

describe('the template of a first start', () => {
  it('is made once, and made anew when it is damaged', async () => {
    const cache = await temporaryFolder();
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = cache;
    onTestFinished(() => {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    });
    const said: string[] = [];
    const open = () => openDatabase({ log: (_, message) => said.push(message) });
    await (await open()).close();
    const [name] = await readdir(join(cache, 'embedding-studio'));
    const template = join(cache, 'embedding-studio', name!);
    const whole = await readFile(template);
    await (await open()).close();
    expect(said).toEqual([]);

    await writeFile(template, whole.subarray(0, whole.length - 1));
    const { db, close } = await open();
    expect(await db.selectFrom('collections').select('id').execute()).toEqual([]);
    await close();
    expect(said).toEqual([expect.stringContaining('made anew')]);
    expect(await readdir(join(cache, 'embedding-studio'))).toEqual([name]);
    expect((await readFile(template)).length).toBeGreaterThan(1_000_000);
  });
});
