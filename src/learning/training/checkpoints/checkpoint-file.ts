import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioError } from '../../../foundation/core/errors.ts';
import { sha256 } from '../../../foundation/core/hash.ts';

const MAGIC = 'embedding-studio checkpoint 1\n';
/** Arrays begin at multiples of it, so that they can be read in place. */
const ALIGNMENT = 8;

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;
type ArrayKind = keyof typeof ARRAYS;
export type CheckpointArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Everything that a training needs to go on as if nothing had happened. */
export interface Checkpoint {
  /** Steps that are done. */
  readonly step: number;
  /** Hash of what decides the outcome: model, data, recipe, seed. Another training does not continue this one. */
  readonly fingerprint: string;
  /** Small state: best held-out loss, patience. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly arrays: ReadonlyMap<string, CheckpointArray>;
}

interface Header extends Omit<Checkpoint, 'arrays'> {
  readonly arrays: ReadonlyArray<{ name: string; kind: ArrayKind; offset: number; length: number }>;
  readonly bytes: number;
}

/**
 * Writes the checkpoint beside its place, makes it durable, then puts it there in one move: a kill at any moment leaves the
 * old one or the new one.
 *
 * Layout: a magic line with the version, 8 bytes of header length, the header as JSON, padding, the arrays, SHA-256 of the
 * header in hexadecimal.
 */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  let offset = 0;
  const arrays = [...checkpoint.arrays].map(([name, data]) => {
    const entry = { name, kind: kindOf(data), offset, length: data.length };
    offset += Math.ceil(data.byteLength / ALIGNMENT) * ALIGNMENT;
    return entry;
  });
  const { step, fingerprint, state } = checkpoint;
  const header = Buffer.from(JSON.stringify({ step, fingerprint, state, arrays, bytes: offset } satisfies Header));
  const start = dataStart(header.length);
  const temporary = `${file}.writing`;
  const handle = await open(temporary, 'w');
  try {
    const preamble = Buffer.alloc(start);
    preamble.write(MAGIC, 'latin1');
    preamble.writeBigUInt64LE(BigInt(header.length), MAGIC.length);
    header.copy(preamble, MAGIC.length + 8);
    await writeAt(handle, preamble, 0);
    for (const { name, offset: at } of arrays) {
      const { buffer, byteOffset, byteLength } = checkpoint.arrays.get(name) as CheckpointArray;
      await writeAt(handle, new Uint8Array(buffer, byteOffset, byteLength), start + at);
    }
    await writeAt(handle, Buffer.from(sha256(header)), start + offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

/**
 * @returns null when there is no such file.
 * @throws StudioError `invalid_checkpoint` for what is none, is damaged, or is of a newer version.
 */
export async function readCheckpoint(file: string): Promise<Checkpoint | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const preamble = await readAt(handle, 0, MAGIC.length + 8);
    if (preamble.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) {
      throw invalid(file, 'is no checkpoint of this version');
    }
    const size = Number(preamble.readBigUInt64LE(MAGIC.length));
    const text = await readAt(handle, preamble.length, size);
    const header = parseHeader(text);
    const start = dataStart(size);
    if (header === null || (await readAt(handle, start + header.bytes, 64)).toString() !== sha256(text)) {
      throw invalid(file, 'is damaged');
    }
    const arrays = new Map<string, CheckpointArray>();
    for (const { name, kind, offset, length } of header.arrays) {
      const data = await readAt(handle, start + offset, length * ARRAYS[kind].BYTES_PER_ELEMENT);
      arrays.set(name, new ARRAYS[kind](data.buffer, data.byteOffset, length));
    }
    return { step: header.step, fingerprint: header.fingerprint, state: header.state, arrays };
  } finally {
    await handle.close();
  }
}

function parseHeader(text: Buffer): Header | null {
  try {
    return JSON.parse(text.toString()) as Header;
  } catch {
    return null;
  }
}

/** Larger pieces than these are refused by some systems. */
const LARGEST_PIECE = 1 << 30;

async function writeAt(handle: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const piece = Math.min(LARGEST_PIECE, data.length - done);
    done += (await handle.write(data, done, piece, position + done)).bytesWritten;
  }
}

/** Memory of its own, so that arrays of any type may lie in it. Short where the file ends. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const data = Buffer.from(new ArrayBuffer(Math.min(length, (await handle.stat()).size)));
  for (let done = 0; done < data.length; ) {
    const { bytesRead } = await handle.read(data, done, Math.min(LARGEST_PIECE, data.length - done), position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return data;
}

const dataStart = (headerLength: number): number =>
  Math.ceil((MAGIC.length + 8 + headerLength) / ALIGNMENT) * ALIGNMENT;

const kindOf = (data: CheckpointArray): ArrayKind => {
  const found = (Object.keys(ARRAYS) as ArrayKind[]).find((kind) => data instanceof ARRAYS[kind]);
  if (found === undefined) throw new Error('checkpoints hold no such array');
  return found;
};

const invalid = (file: string, reason: string): StudioError =>
  new StudioError('invalid_checkpoint', `The checkpoint ${file} ${reason}.`, {
    hint: 'Remove it and train from the beginning.',
  });
