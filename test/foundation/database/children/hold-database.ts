import { openDatabase } from '../../../../src/foundation/database/open-database.ts';

/** Opens the data directory, says so, and holds it until it is told to stop or killed. */
const database = await openDatabase({ dataDirectory: process.argv[2]! });
process.stdout.write('held\n');
process.stdin.once('data', async () => {
  await database.close();
  process.exit(0);
});
