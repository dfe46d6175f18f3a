import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/** The folder of test data and reference models beside the repository (or where EMBEDDING_STUDIO_SHARED says), or null. */
export function sharedFolder(): string | null {
  const folder = process.env.EMBEDDING_STUDIO_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));
  if (existsSync(folder)) return folder;
  if (process.env.EMBEDDING_STUDIO_REQUIRE_SHARED === '1')
    throw new Error(`There is no ${folder}, and it is required.`);
  return null;
}

/** Tests that need the shared folder; elsewhere it says that they do not run. */
export function describeWithShared(name: string, body: (folder: string) => void): void {
  const folder = sharedFolder();
  if (folder === null) console.log(`skipped: no ../shared (${name})`);
  // A file without any suite fails: the tests are declared either way, and do not run here.
  describe.skipIf(folder === null)(name, () => body(folder ?? ''));
}
