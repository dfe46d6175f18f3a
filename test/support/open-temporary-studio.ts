import { afterAll } from 'vitest';
import { createStudio, type Studio, type StudioOptions } from '../../src/studio.ts';
import { createEmptyDatabase } from './databases.ts';

/** A whole installation with the starter models, on either database; closed and removed when the tests are over. */
export function studioOpener(database: 'pglite' | 'postgres'): () => Promise<Studio> {
  const closers: Array<() => Promise<unknown>> = [];
  afterAll(async () => {
    for (const close of closers.splice(0)) await close();
  });
  return async () => {
    const options: StudioOptions = { dataDirectory: 'memory' };
    if (database === 'pglite') {
      const studio = await createStudio(options);
      closers.push(() => studio.close());
      return studio;
    }
    const { url, drop } = await createEmptyDatabase(process.env.TEST_DATABASE_URL as string);
    const studio = await createStudio({ ...options, databaseUrl: url });
    closers.push(() => studio.close(), drop);
    return studio;
  };
}

/** Both databases, or the embedded one alone where there is no server. */
export const DATABASES: ReadonlyArray<'pglite' | 'postgres'> =
  process.env.TEST_DATABASE_URL === undefined ? ['pglite'] : ['pglite', 'postgres'];
