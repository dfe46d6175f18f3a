import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StudioError } from '../../core/errors.ts';
import { beginFirstStart, finishFirstStart, inspectDirectory } from './data-directory.ts';
import { lockDirectory } from './directory-lock.ts';
import { PgliteEngine } from './pglite-engine.ts';
import { isThere, templateFile } from './template-cache.ts';

export interface OpenPgliteOptions {
  /** null: in memory. */
  readonly dataDirectory: string | null;
  readonly fsync: boolean;
  /** Makes the tables of a database; runs before anything else may use it. */
  readonly prepare: (engine: PgliteEngine) => Promise<void>;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/** Opens an embedded database, making it first where there is none. The lock is held until the engine is closed. */
export async function openPglite(options: OpenPgliteOptions): Promise<PgliteEngine> {
  if (options.dataDirectory === null) return await startFresh(options, null);
  const dataDirectory = resolve(options.dataDirectory);
  // Before the lock too, which would already put a file into somebody else's folder.
  inspectDirectory(dataDirectory);
  const unlock = await lockDirectory(dataDirectory);
  try {
    const engine =
      inspectDirectory(dataDirectory) === 'fresh'
        ? await firstStart(options, dataDirectory)
        : await start(options, dataDirectory, null);
    const close = engine.close.bind(engine);
    engine.close = () => close().finally(unlock);
    return engine;
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function firstStart(options: OpenPgliteOptions, dataDirectory: string): Promise<PgliteEngine> {
  await beginFirstStart(dataDirectory);
  const engine = await startFresh(options, dataDirectory);
  await finishFirstStart(dataDirectory, options.fsync);
  return engine;
}

async function startFresh(options: OpenPgliteOptions, database: string | null): Promise<PgliteEngine> {
  const template = templateFile();
  if (template !== null && isThere(template)) {
    try {
      return await start(options, database, template);
    } catch (error) {
      options.log('warn', `The database template cannot be used and is made anew: ${messageOf(error)}`);
      await rm(template, { force: true });
      if (database !== null) await rm(database, { recursive: true, force: true });
    }
  }
  const engine = await start(options, database, null);
  // A cache that cannot be written costs 2 s at the next first start, nothing else.
  if (template !== null) await engine.saveTemplate(template).catch((error) => options.log('warn', messageOf(error)));
  return engine;
}

async function start(
  options: OpenPgliteOptions,
  directory: string | null,
  template: string | null,
): Promise<PgliteEngine> {
  let engine: PgliteEngine;
  try {
    engine = await PgliteEngine.start({ directory, template, fsync: options.fsync });
  } catch (error) {
    throw new StudioError('database_unavailable', `The embedded database does not start: ${messageOf(error)}`, {
      hint: 'Check that the data directory can be written to and the disk is not full.',
      cause: error,
    });
  }
  try {
    await options.prepare(engine);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
