import { glob } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Encoder } from '../encoders/encoder.ts';
import { type OnnxEncoderOptions, openOnnxEncoder } from '../encoders/onnx-encoder.ts';
import { CARRIED_MODELS, type FindModelOptions, findModelFolder } from './find-model-folder.ts';
import type { ModelSpec } from './model-spec.ts';
import { readModelFolder } from './read-model-folder.ts';

export interface ModelRegistryOptions extends FindModelOptions {
  readonly encoder?: OnnxEncoderOptions;
}

/**
 * Finds models by id and opens each of them once, when it is first asked for.
 *
 * @example
 * const models = new ModelRegistry({ folder: 'data/models' });
 * const encoder = await models.encoder('starter');
 */
export class ModelRegistry {
  readonly #options: ModelRegistryOptions;
  readonly #specs = new Map<string, Promise<ModelSpec>>();
  readonly #encoders = new Map<string, Promise<Encoder>>();

  constructor(options: ModelRegistryOptions) {
    this.#options = options;
  }

  /**
   * `starter`, `starter-image`, a path to a folder, the name of a folder under the data directory's `models/`, or a
   * Hugging Face id. Throws `model_not_found`, `invalid_model`, `model_download_failed`.
   */
  spec(id: string): Promise<ModelSpec> {
    return once(this.#specs, id, async () => readModelFolder(await findModelFolder(id, this.#options), id));
  }

  /** The opened encoder, shared by all who ask. */
  encoder(id: string): Promise<Encoder> {
    return once(this.#encoders, id, async () => openOnnxEncoder(await this.spec(id), this.#options.encoder));
  }

  /** The models that the package carries, those in the data directory's `models/`, and those that were asked for. */
  async list(): Promise<ModelSpec[]> {
    const ids = new Set([...CARRIED_MODELS, ...(await this.#inFolder()), ...this.#specs.keys()]);
    const specs = await Promise.allSettled([...ids].map((id) => this.spec(id)));
    return specs.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Names of folders with a card: what was trained here, or put there. */
  async #inFolder(): Promise<string[]> {
    const { folder } = this.#options;
    if (folder === null) return [];
    const names: string[] = [];
    for await (const card of glob('{*,*/*}/card.json', { cwd: folder }))
      names.push(dirname(card).replaceAll('\\', '/'));
    // A result that is being written has a name with a dot in front.
    return names.filter((name) => !name.startsWith('.')).sort();
  }

  /** Encoders that are open now. */
  async open(): Promise<Encoder[]> {
    const settled = await Promise.allSettled(this.#encoders.values());
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Closes what is open; later calls open anew. */
  async close(): Promise<void> {
    const open = await this.open();
    this.#encoders.clear();
    await Promise.all(open.map((encoder) => encoder.close()));
  }
}

/** A failure is not kept: the next one who asks tries again. */
function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const existing = made.get(key);
  if (existing !== undefined) return existing;
  const promise = make();
  promise.catch(() => made.delete(key));
  made.set(key, promise);
  return promise;
}
