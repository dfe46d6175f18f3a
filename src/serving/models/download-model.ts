import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../../foundation/core/errors.ts';

export interface DownloadOptions {
  /** Base address of the hub; by default the environment's HF_ENDPOINT, else https://huggingface.co. */
  readonly hub?: string;
  /** All files together. */
  readonly maxBytes?: number;
}

/** The first graph that the repository has is taken. */
const GRAPHS = ['onnx/model.onnx', 'model.onnx'];
const REQUIRED = ['config.json', 'tokenizer.json'];
const OPTIONAL = [
  'card.json',
  'tokenizer_config.json',
  'modules.json',
  '1_Pooling/config.json',
  '2_Dense/config.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  'preprocessor_config.json',
];
const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;

/**
 * Fetches the ONNX export of a Hugging Face id (`organisation/name` or `organisation/name@revision`) into `target`,
 * which appears only when all of it is there. A branch is pinned to the commit that the first answer names, and
 * `download.json` remembers it.
 *
 * @throws StudioError `model_download_failed`
 */
export async function downloadModel(id: string, target: string, options: DownloadOptions = {}): Promise<string> {
  const hub = (options.hub ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/+$/, '');
  const partial = `${target}.part-${process.pid}`;
  try {
    await rm(partial, { recursive: true, force: true });
    const revision = await fetchFiles(id, hub, partial, options.maxBytes ?? DEFAULT_MAX_BYTES);
    await writeFile(join(partial, 'download.json'), JSON.stringify({ id, hub, revision }, null, 2));
    await publish(partial, target);
    return target;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw new StudioError(
      'model_download_failed',
      `The model "${id}" could not be fetched from ${hub}: ${reasonOf(error)}.`,
      {
        cause: error,
        details: { model: id, hub },
      },
    );
  }
}

/** The finished folder takes its name at once; another process may have been faster, and its copy is as good. */
async function publish(partial: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  try {
    await rename(partial, target);
  } catch (error) {
    if (
      !(await stat(target).then(
        (found) => found.isDirectory(),
        () => false,
      ))
    )
      throw error;
    await rm(partial, { recursive: true, force: true });
  }
}

/** Returns the revision that the files are of. */
async function fetchFiles(id: string, hub: string, folder: string, maxBytes: number): Promise<string> {
  const [name, asked = 'main'] = id.split('@') as [string, string?];
  let revision = asked;
  let left = maxBytes;

  /** False where the repository has no such file. */
  async function get(file: string): Promise<boolean> {
    const response = await fetch(`${hub}/${name}/resolve/${revision}/${file}`);
    if (response.status === 404) {
      await response.body?.cancel();
      return false;
    }
    if (!response.ok || response.body === null) {
      const meaning = response.status === 401 ? ' (there is no such public model)' : '';
      throw new Error(`${file}: the server answered ${response.status}${meaning}`);
    }
    revision = response.headers.get('x-repo-commit') ?? revision;
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        left -= chunk.length;
        done(left < 0 ? new Error(`the model is larger than the allowed ${maxBytes} bytes`) : null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body as never), count, createWriteStream(path));
    return true;
  }

  for (const file of REQUIRED) if (!(await get(file))) throw new Error(`the repository has no ${file}`);
  const graph = await firstOf(GRAPHS, get);
  if (graph === null) throw new Error(`the repository has no ONNX export (${GRAPHS.join(' or ')})`);
  // Graphs beyond 2 GB keep their weights beside them.
  await get(`${graph}_data`);
  for (const file of OPTIONAL) await get(file);
  return revision;
}

async function firstOf(files: readonly string[], get: (file: string) => Promise<boolean>): Promise<string | null> {
  for (const file of files) if (await get(file)) return file;
  return null;
}

/** `fetch failed` says nothing; what it was caused by does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  return `${message} (${(cause as NodeJS.ErrnoException).code ?? cause.message})`;
}
