import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { StudioError } from '../../foundation/core/errors.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import { readModelFolder } from '../models/read-model-folder.ts';
import type { Encoder, EncoderInput, EncoderOutput, EncoderStatistics } from './encoder.ts';
import { EncoderThread } from './encoder-thread.ts';
import type { EncodeSide, LoadTimes } from './messages.ts';
import { openTokenizer } from './tokenizers/text-tokenizer.ts';
import type { TextTokenizer } from './tokenizers/token-ids.ts';
import { VectorCache } from './vector-cache.ts';

export interface OnnxEncoderOptions {
  /** Threads of the graph; by default one per core, at most 8: beyond, small models gain nothing. */
  readonly threads?: number;
  /** Padded tokens of one run, which is also the longest that a query waits behind items. By default 128 per thread. */
  readonly maxBatchTokens?: number;
  /** Inputs that may wait; beyond that the encoder says `overloaded`. */
  readonly maxQueued?: number;
  /** Bytes of inputs that may wait. */
  readonly maxQueuedBytes?: number;
  /** Vectors of queries that are remembered. */
  readonly cachedQueries?: number;
  /** A picture with more pixels is refused before it is decoded. */
  readonly maxPixels?: number;
}

/** The vectors of one input by output name. */
type Vectors = Readonly<Record<string, Float32Array>>;

/**
 * Opens a model folder for encoding, in a thread of its own.
 *
 * @throws StudioError `invalid_model` when the folder or its graph cannot be used.
 * @example
 * const encoder = await createEncoder('models/starter');
 * const [vector] = await encoder.encodeQueries([{ text: 'red shoes' }]); // Float32Array(384)
 */
export async function createEncoder(folder: string, options: OnnxEncoderOptions = {}): Promise<OnnxEncoder> {
  return await openOnnxEncoder(await readModelFolder(folder), options);
}

/** As `createEncoder`, for a model folder that was read already. */
export async function openOnnxEncoder(spec: ModelSpec, options: OnnxEncoderOptions = {}): Promise<OnnxEncoder> {
  const threads = options.threads ?? Math.min(8, availableParallelism());
  const thread = await EncoderThread.start({
    spec,
    threads,
    maxBatchTokens: options.maxBatchTokens ?? Math.max(256, 128 * threads),
    maxPixels: options.maxPixels ?? 100_000_000,
  });
  return new OnnxEncoder(spec, thread, options);
}

export class OnnxEncoder implements Encoder {
  readonly modelId: string;
  readonly modality: 'text' | 'image';
  readonly outputs: readonly EncoderOutput[];
  readonly #spec: ModelSpec;
  readonly #thread: EncoderThread;
  readonly #maxQueued: number;
  readonly #maxQueuedBytes: number;
  readonly #cache: VectorCache<Vectors>;
  readonly #underWay = new Map<string, Promise<Vectors>>();
  #tokenizer: TextTokenizer | undefined;
  #queued = 0;
  #queuedBytes = 0;
  #encoded = 0;
  #cacheHits = 0;
  #coalesced = 0;

  constructor(spec: ModelSpec, thread: EncoderThread, options: OnnxEncoderOptions) {
    this.#spec = spec;
    this.modelId = spec.id;
    this.modality = spec.modality;
    this.outputs = spec.outputs;
    this.#thread = thread;
    this.#maxQueued = options.maxQueued ?? 20_000;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 256 * 1024 * 1024;
    this.#cache = new VectorCache(options.cachedQueries ?? 10_000);
  }

  /** Where the time of opening went. */
  get loadTimes(): LoadTimes {
    return this.#thread.loadTimes;
  }

  async encodeQueries(inputs: readonly EncoderInput[], output?: string): Promise<Float32Array[]> {
    const name = output ?? (this.outputs[0] as EncoderOutput).name;
    if (!this.outputs.some((known) => known.name === name)) {
      const known = this.outputs.map((one) => one.name).join(', ');
      throw new StudioError('encoding_failed', `The model "${this.modelId}" has no output "${name}".`, {
        hint: `Its outputs: ${known}.`,
      });
    }
    const found = await Promise.all(inputs.map((input, index) => this.#query(input, index)));
    // Copies: a caller that changes its vector must not change the cache.
    return found.map((vectors) => (vectors[name] as Float32Array).slice());
  }

  async encodeItems(inputs: readonly EncoderInput[]): Promise<Vectors[]> {
    if (inputs.length === 0) return [];
    return await this.#run(
      'item',
      inputs.map((input, index) => this.#prefixed(input, 'item', index)),
    );
  }

  countTokens(text: string): number {
    this.#tokenizer ??= openTokenizer(this.#spec.folder, this.#spec.maxTokens);
    return this.#tokenizer.count(text);
  }

  statistics(): EncoderStatistics {
    return { encoded: this.#encoded, cacheHits: this.#cacheHits, coalesced: this.#coalesced, queued: this.#queued };
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  /** From the cache, from an equal query that is under way, or from a run. */
  async #query(raw: EncoderInput, index: number): Promise<Vectors> {
    const input = this.#prefixed(raw, 'query', index);
    const key = 'text' in input ? input.text : createHash('sha256').update(input.image).digest('base64');
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cacheHits++;
      return cached;
    }
    const same = this.#underWay.get(key);
    if (same !== undefined) {
      this.#coalesced++;
      return await same.catch((error) => Promise.reject(atIndex(error, index)));
    }
    const run = this.#run('query', [input]).then(([vectors]) => vectors as Vectors);
    this.#underWay.set(key, run);
    try {
      const vectors = await run;
      this.#cache.set(key, vectors);
      return vectors;
    } catch (error) {
      throw atIndex(error, index);
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #run(side: EncodeSide, inputs: readonly EncoderInput[]): Promise<Vectors[]> {
    const bytes = inputs.reduce((sum, input) => sum + bytesOf(input), 0);
    this.#refuseWhenFull(inputs.length, bytes);
    this.#queued += inputs.length;
    this.#queuedBytes += bytes;
    try {
      const { vectors, faults } = await this.#thread.encode(side, inputs);
      const fault = faults[0];
      this.#encoded += inputs.length - faults.length;
      if (fault !== undefined) throw this.#unreadable(fault.index, fault.message);
      return inputs.map((_, row) => this.#rowOf(vectors, row));
    } finally {
      this.#queued -= inputs.length;
      this.#queuedBytes -= bytes;
    }
  }

  /** Each vector gets memory of its own, so that one that is kept does not keep the whole batch. */
  #rowOf(vectors: Vectors, row: number): Vectors {
    return Object.fromEntries(
      this.outputs.map(({ name, dimensions }) => [
        name,
        (vectors[name] as Float32Array).slice(row * dimensions, (row + 1) * dimensions),
      ]),
    );
  }

  /** A call that finds nothing waiting is always taken, however large, or it could never be answered. */
  #refuseWhenFull(count: number, bytes: number): void {
    if (this.#queued === 0) return;
    if (this.#queued + count <= this.#maxQueued && this.#queuedBytes + bytes <= this.#maxQueuedBytes) return;
    throw new StudioError('overloaded', `The encoder "${this.modelId}" has ${this.#queued} inputs waiting already.`);
  }

  #prefixed(input: EncoderInput, side: EncodeSide, index: number): EncoderInput {
    if ('text' in input !== (this.modality === 'text')) {
      const [reads, got] = this.modality === 'text' ? ['texts', 'a picture'] : ['pictures', 'a text'];
      throw new StudioError('encoding_failed', `The model "${this.modelId}" reads ${reads}, and was given ${got}.`, {
        details: { index },
      });
    }
    return 'text' in input ? { text: this.#spec.prefixes[side] + input.text } : input;
  }

  #unreadable(index: number, reason: string): StudioError {
    return this.modality === 'image'
      ? new StudioError('invalid_image', `The picture cannot be read: ${reason}.`, { details: { index } })
      : new StudioError('encoding_failed', `The text cannot be encoded: ${reason}.`, { details: { index } });
  }
}

const bytesOf = (input: EncoderInput): number => ('text' in input ? 2 * input.text.length : input.image.byteLength);

/** A query runs alone, so its fault says index 0; the caller's own index is another. */
function atIndex(error: unknown, index: number): unknown {
  if (!StudioError.isInstance(error) || error.details?.index === undefined) return error;
  return new StudioError(error.code, error.message, { details: { ...error.details, index }, cause: error });
}
