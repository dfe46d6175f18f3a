import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../../foundation/core/clock.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import { sha256 } from '../../foundation/core/hash.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { findBlobs, insertBlob } from './blob-queries.ts';
import { type ImageMediaType, sniffMediaType } from './sniff-media-type.ts';

export const MAX_BLOB_BYTES = 20_000_000;

export interface StoredBlob {
  readonly hash: string;
  readonly mediaType: ImageMediaType;
  readonly bytes: number;
}

export interface BlobContent {
  readonly content: Uint8Array;
  readonly mediaType: string;
}

/** Pictures by the SHA-256 of their bytes. */
export interface BlobStore {
  /** Stores a picture once; throws `invalid_image` for anything else and `payload_too_large` above the limit. */
  put(content: Uint8Array): Promise<StoredBlob>;
  /** Throws `blob_not_found`. */
  get(hash: string): Promise<BlobContent>;
  /** Which of these hashes are stored. */
  known(hashes: readonly string[]): Promise<ReadonlySet<string>>;
}

/**
 * Files under `<directory>/ab/<sha256>`, each written beside its place, flushed and renamed, so that a file with a
 * hash for a name always holds just that content. The row follows the file: a row never points to nothing.
 *
 * @example const blobs = createBlobStore({ directory: join(dataDirectory, 'blobs'), db });
 */
export function createBlobStore(options: {
  readonly directory: string;
  readonly db: Db;
  readonly clock?: Clock;
  readonly maxBytes?: number;
}): BlobStore {
  const { directory, db, clock = systemClock, maxBytes = MAX_BLOB_BYTES } = options;
  const pathOf = (hash: string): string => join(directory, hash.slice(0, 2), hash);

  return {
    async put(content) {
      if (content.length === 0) throw new StudioError('invalid_image', 'The picture is empty.');
      if (content.length > maxBytes) {
        throw new StudioError(
          'payload_too_large',
          `The picture has ${content.length} bytes; at most ${maxBytes} are allowed.`,
          {
            hint: 'Send a smaller picture: encoders read a few hundred pixels a side.',
          },
        );
      }
      const mediaType = sniffMediaType(content);
      if (mediaType === null) throw new StudioError('invalid_image', 'The bytes are no picture of a known kind.');
      const hash = sha256(content);
      await writeOnce(pathOf(hash), content);
      await insertBlob(db, { hash, media_type: mediaType, bytes: content.length, created_at: clock.now() });
      return { hash, mediaType, bytes: content.length };
    },

    async get(hash) {
      const [row] = /^[0-9a-f]{64}$/.test(hash) ? await findBlobs(db, [hash]) : [];
      if (row === undefined) throw new StudioError('blob_not_found', `There is no blob "${hash.slice(0, 80)}".`);
      try {
        return { content: await readFile(pathOf(hash)), mediaType: row.media_type };
      } catch (cause) {
        throw new StudioError('blob_not_found', `The file of blob "${hash}" is missing.`, {
          cause,
          hint: 'All processes of an installation need the same blobs folder.',
        });
      }
    },

    async known(hashes) {
      return new Set((await findBlobs(db, hashes)).map((row) => row.hash));
    },
  };
}

async function writeOnce(path: string, content: Uint8Array): Promise<void> {
  const present = await stat(path).catch(() => null);
  if (present?.size === content.length) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx');
    await file.writeFile(content);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}
