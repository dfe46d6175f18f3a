import { fdatasyncSync } from 'node:fs';
import { type Extension, PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { WorkerStart } from './messages.ts';
import { readTemplate } from './template-file.ts';

/** Starts PGlite inside the worker and waits until it answers. */
export async function startDatabase({ directory, template, fsync }: WorkerStart): Promise<PGlite> {
  const loadDataDir = template === null ? null : await readTemplate(template);
  const durable = fsync && directory !== null;
  const database = new PGlite({
    ...(directory === null ? {} : { dataDir: directory }),
    ...(loadDataDir === null ? {} : { loadDataDir }),
    extensions: { vector, ...(durable ? { realFsync } : {}) },
    startParams: startParameters(durable),
  });
  await database.waitReady;
  return database;
}

/** PGlite starts PostgreSQL with -F (fsync off); without it each commit waits for the disk. */
function startParameters(durable: boolean): string[] {
  const defaults = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F');
  return [...defaults, '-c', `fsync=${durable ? 'on' : 'off'}`, '-c', 'wal_sync_method=fsync'];
}

/**
 * PGlite's file system drops fsync calls on the floor, even where PostgreSQL makes them. Here they reach the disk, so
 * that an acknowledged commit survives a power cut too. (PostgreSQL's fdatasync never arrives here: hence
 * wal_sync_method=fsync.)
 */
const realFsync: Extension = {
  name: 'real-fsync',
  async setup(_database, options: { preRun?: ((module: NodeFileSystem) => void)[] }) {
    const hook = (module: NodeFileSystem): void => {
      const operations = module.FS.filesystems.NODEFS?.stream_ops;
      if (operations === undefined) return;
      operations.fsync = ({ nfd }) => {
        if (nfd !== undefined) fdatasyncSync(nfd);
        return 0;
      };
    };
    return { emscriptenOpts: { ...options, preRun: [...(options.preRun ?? []), hook] } };
  },
};

interface NodeFileSystem {
  readonly FS: {
    readonly filesystems: {
      readonly NODEFS?: { stream_ops: { fsync?: (stream: { readonly nfd?: number }) => number } };
    };
  };
}
