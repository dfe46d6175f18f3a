import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { createEmptyDatabase } from '../support/databases.ts';
import { DATABASES } from '../support/open-temporary-studio.ts';
import { killRound } from './kill-rounds.ts';

describe.each(DATABASES)('kill -9 during an import into %s', (database) => {
  it('loses no acknowledged item, doubles none, and the indexes equal the log', { timeout: 180_000 }, async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'crash-'));
    const empty = database === 'postgres' ? await createEmptyDatabase(process.env.TEST_DATABASE_URL as string) : null;
    const random = createRandom(17);
    try {
      for (let round = 0; round < 3; round++) {
        const result = await killRound({ dataDirectory, databaseUrl: empty?.url }, round * 100_000, random);
        expect(result.acknowledged).toBeGreaterThan(0);
        expect(result).toMatchObject({ missing: 0, astray: 0 });
      }
    } finally {
      await empty?.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    }
  });
});
