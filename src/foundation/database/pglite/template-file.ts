import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

const DIGEST_BYTES = 32;

/** A data directory as a tar, packed, behind the SHA-256 of the packed bytes. */
export async function readTemplate(file: string): Promise<Blob> {
  const content = await readFile(file);
  const packed = content.subarray(DIGEST_BYTES);
  if (!createHash('sha256').update(packed).digest().equals(content.subarray(0, DIGEST_BYTES))) {
    throw new Error(`The template ${file} is damaged.`);
  }
  return new Blob([await promisify(zstdDecompress)(packed)]);
}

/** Appears whole or not at all; of two processes that write at once, the later wins with equal content. */
export async function writeTemplate(file: string, tar: Blob): Promise<void> {
  const packed = await promisify(zstdCompress)(new Uint8Array(await tar.arrayBuffer()));
  const own = `${file}.${process.pid}-${Date.now()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(own, Buffer.concat([createHash('sha256').update(packed).digest(), packed]), { mode: 0o600 });
    await rename(own, file);
  } finally {
    await rm(own, { force: true });
  }
}
