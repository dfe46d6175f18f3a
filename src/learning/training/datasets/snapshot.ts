import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { StudioError } from '../../../foundation/core/errors.ts';
import { canonicalJson } from '../../../foundation/core/hash.ts';
import type { Example, Part } from './example.ts';

/** How a snapshot was made; without a date, so that the same data has the same hash. */
export interface SnapshotOrigin {
  readonly collection: string;
  /** Feedback batches whose sessions are in it. */
  readonly batchIds: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly sets: readonly string[];
  /** Clicks were dealt to random pages. */
  readonly control: boolean;
  readonly seed: number;
  readonly split: Readonly<Record<string, unknown>>;
  /** The click model, null where no click counted. */
  readonly clickModel: string | null;
  readonly counts: Readonly<Record<string, unknown>>;
}

export type SnapshotExample = Example & { readonly part: Part };

export interface Snapshot {
  readonly origin: SnapshotOrigin;
  /** Text by id: of all items that examples name, and of further ones. */
  readonly items: ReadonlyMap<string, string>;
  readonly examples: readonly SnapshotExample[];
}

const FORMAT = 'embedding-studio snapshot';
const VERSION = 1;
const pack = promisify(gzip);
const unpack = promisify(gunzip);

export const snapshotFile = (folder: string, hash: string): string => join(folder, `${hash}.jsonl.gz`);

/**
 * Freezes what is trained from as a file that is named by the SHA-256 of what it holds (before it is packed): a line about its origin,
 * then a line per item and per example. Writing the same again changes nothing. Returns the hash.
 */
export async function writeSnapshot(folder: string, { origin, items, examples }: Snapshot): Promise<string> {
  const lines = [
    canonicalJson({ format: FORMAT, version: VERSION, ...origin }),
    ...[...items].map(([id, text]) => canonicalJson({ type: 'item', id, text })),
    ...examples.map((example) => canonicalJson({ type: 'example', ...example })),
  ];
  const content = Buffer.from(`${lines.join('\n')}\n`);
  const hash = createHash('sha256').update(content).digest('hex');
  const file = snapshotFile(folder, hash);
  if ((await stat(file).catch(() => null)) !== null) return hash;
  await mkdir(folder, { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  const handle = await open(partial, 'w');
  try {
    await handle.writeFile(await pack(content));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
  return hash;
}

/** Throws `invalid_file` for a snapshot that is gone, or is not what its name says. */
export async function readSnapshot(folder: string, hash: string): Promise<Snapshot> {
  const file = snapshotFile(folder, hash);
  const content = await readFile(file).then(unpack, (cause) => {
    throw new StudioError('invalid_file', `The snapshot ${file} cannot be read.`, { cause });
  });
  if (createHash('sha256').update(content).digest('hex') !== hash)
    throw new StudioError('invalid_file', `The snapshot ${file} has been changed.`);
  const [head = '{}', ...lines] = content.toString().trimEnd().split('\n');
  const {
    format: _,
    version: __,
    ...origin
  } = JSON.parse(head) as SnapshotOrigin & Record<'format' | 'version', unknown>;
  const items = new Map<string, string>();
  const examples: SnapshotExample[] = [];
  for (const line of lines) {
    const { type, ...entry } = JSON.parse(line);
    if (type === 'item') items.set(entry.id, entry.text);
    else examples.push(entry);
  }
  return { origin, items, examples };
}
