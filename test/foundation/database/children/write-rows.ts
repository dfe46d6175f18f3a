import { sql } from 'kysely';
import { openDatabase } from '../../../../src/foundation/database/open-database.ts';

/** Writes pairs of rows without end, each pair in a transaction, and says the number of each that was acknowledged. */
const [kind, place, first] = process.argv.slice(2);
const { db } = await openDatabase(kind === 'postgres' ? { databaseUrl: place! } : { dataDirectory: place! });
await sql`create table if not exists pairs (n integer, half integer, filler text, primary key (n, half))`.execute(db);
for (let n = Number(first); ; n++) {
  await db.transaction().execute(async (trx) => {
    for (const half of [1, 2]) await sql`insert into pairs values (${n}, ${half}, ${'x'.repeat(2_000)})`.execute(trx);
  });
  process.stdout.write(`${n}\n`);
}
