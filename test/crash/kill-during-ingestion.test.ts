import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';
import { createEmptyDatabase } from '../support/databases.ts';
import { DATABASES } from '../support/open-temporary-studio.ts';
import { ingestionRound } from './ingestion-rounds.ts';

describe.each(DATABASES)('kill -9 while events come in (%s)', (database) => {
  it('loses no acknowledged event, counts none twice, and all of them are learned from', {
    timeout: 180_000,
  }, async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'crash-'));
    const empty = database === 'postgres' ? await createEmptyDatabase(process.env.TEST_DATABASE_URL as string) : null;
    const random = createRandom(23);
    try {
      for (let round = 0; round < 3; round++) {
        const result = await ingestionRound({ dataDirectory, databaseUrl: empty?.url }, round, random);
        expect(result.acknowledged).toBeGreaterThan(0);
        expect(result).toMatchObject({ lost: 0, doubled: 0, countedTwice: 0, unlearned: 0 });
      }
    } finally {
      await empty?.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    }
  });
});
