import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the template of this version lies: a fresh, migrated database, saved at the first start ever (2 s) and loaded
 * by every later first start (0.3 s). The name changes with the engine, the extension and the migrations.
 * null where the user has no folder of their own: a template from a folder that others write to is not to be trusted.
 */
export function templateFile(): string | null {
  const cache = cacheFolder();
  return cache === null ? null : join(cache, `template-${templateKey()}.tar.zst`);
}

export function isThere(file: string): boolean {
  return existsSync(file);
}

function cacheFolder(): string | null {
  const base = process.env.XDG_CACHE_HOME || (homedir() === '' ? null : join(homedir(), '.cache'));
  return base === null ? null : join(base, 'embedding-studio');
}

function templateKey(): string {
  const hash = createHash('sha256');
  for (const name of ['@electric-sql/pglite', '@electric-sql/pglite-pgvector'])
    hash.update(`${name} ${version(name)}\n`);
  const folder = new URL('../migrations/', import.meta.url);
  const files = readdirSync(folder).filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'));
  for (const name of files.sort()) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 16);
}

function version(packageName: string): string {
  const manifest = new URL('../package.json', import.meta.resolve(packageName));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
