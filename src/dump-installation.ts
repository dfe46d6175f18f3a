import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StudioError } from './foundation/core/errors.ts';
import { sha256 } from './foundation/core/hash.ts';
import type { DumpFile, DumpProgress } from './foundation/database/dump/format.ts';
import { restoreDump } from './foundation/database/dump/restore-dump.ts';
import { writeDump } from './foundation/database/dump/write-dump.ts';
import { openDatabase } from './foundation/database/open-database.ts';
import type { ProgressSink } from './surfaces/cli/progress/progress-sink.ts';

export interface DumpPlace {
  readonly dataDirectory: string;
  readonly databaseUrl?: string | undefined;
}

const HASH = /^[0-9a-f]{64}$/;

/** Writes the database and the pictures of an installation into one file. */
export async function exportInstallation(
  place: DumpPlace,
  file: string,
  progress: ProgressSink,
  productVersion: string,
): Promise<{ readonly bytes: number }> {
  const database = await open(place);
  try {
    progress.start('export', null);
    const files = picturesOf(join(place.dataDirectory, 'blobs'));
    const written = await writeDump(database.db, file, {
      productVersion,
      now: new Date(),
      files,
      onProgress: tell(progress),
    });
    progress.finish(`${fileSize(written.bytes)} written to ${file}`);
    return written;
  } finally {
    await database.close();
  }
}

/** Fills an empty installation; pictures are checked against their names. */
export async function importInstallation(place: DumpPlace, file: string, progress: ProgressSink): Promise<void> {
  const database = await open(place);
  try {
    progress.start('restore', null);
    const folder = join(place.dataDirectory, 'blobs');
    await restoreDump(database.db, file, {
      onFile: (picture) => writePicture(folder, picture),
      onProgress: tell(progress),
    });
    progress.finish(`done, from ${file}`);
  } finally {
    await database.close();
  }
}

const open = ({ dataDirectory, databaseUrl }: DumpPlace) =>
  openDatabase({
    dataDirectory: join(dataDirectory, 'database'),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });

const tell =
  (progress: ProgressSink) =>
  ({ name, done, total }: DumpProgress): void =>
    progress.update(done, `${name}: ${done}${total === null ? '' : ` of ${total}`}`);

async function* picturesOf(folder: string): AsyncGenerator<DumpFile> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile() || !HASH.test(entry.name)) continue;
    yield { name: `blobs/${entry.name}`, content: await readFile(join(entry.parentPath, entry.name)) };
  }
}

async function writePicture(folder: string, { name, content }: DumpFile): Promise<void> {
  const hash = name.replace(/^blobs\//, '');
  if (!HASH.test(hash) || sha256(content) !== hash) {
    throw new StudioError(
      'invalid_dump',
      `The dump holds a file ${JSON.stringify(name.slice(0, 100))} that is not what its name says.`,
    );
  }
  const path = join(folder, hash.slice(0, 2), hash);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, content);
  await rename(`${path}.tmp`, path);
}

const fileSize = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
