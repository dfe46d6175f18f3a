import type { Encoder } from '../../../serving/encoders/encoder.ts';
import { createEncoder } from '../../../serving/encoders/onnx-encoder.ts';
import type { SideName } from '../trainables/side-name.ts';
import type { Watch } from './watch.ts';

/** Texts are handed to the encoder in pieces of so many: within a second of being told, it stops. */
const TEXTS_PER_CALL = 200;

/**
 * A model that is not trained: gives each text's vector as it is served, and computes it once. It is opened when it is
 * first asked.
 */
export class FrozenEncoder {
  readonly folder: string;
  readonly #vectors: Readonly<Record<SideName, Map<string, Float32Array>>> = { query: new Map(), item: new Map() };
  #encoder: Promise<Encoder> | undefined;

  readonly #watch: Watch;

  constructor(folder: string, watch: Watch = {}) {
    this.folder = folder;
    this.#watch = watch;
  }

  /** One vector per text. Throws `invalid_model`, `encoding_failed`, and the signal's reason when it is told to stop. */
  async vectors(texts: readonly string[], side: SideName): Promise<Float32Array[]> {
    const known = this.#vectors[side];
    const missing = [...new Set(texts.filter((text) => !known.has(text)))];
    if (missing.length > 0) {
      this.#encoder ??= createEncoder(this.folder);
      const encoder = await this.#encoder;
      for (let at = 0; at < missing.length; at += TEXTS_PER_CALL) {
        this.#watch.signal?.throwIfAborted();
        const piece = missing.slice(at, at + TEXTS_PER_CALL);
        const vectors = await encode(encoder, piece, side);
        for (const [place, text] of piece.entries()) known.set(text, vectors[place] as Float32Array);
        if (missing.length > TEXTS_PER_CALL) this.#watch.onProgress?.('texts', at + piece.length, missing.length);
      }
    }
    return texts.map((text) => known.get(text) as Float32Array);
  }

  async close(): Promise<void> {
    await (await this.#encoder)?.close();
    this.#encoder = undefined;
  }
}

async function encode(encoder: Encoder, texts: readonly string[], side: SideName): Promise<Float32Array[]> {
  const inputs = texts.map((text) => ({ text }));
  if (side === 'query') return await encoder.encodeQueries(inputs);
  const name = encoder.outputs[0]?.name ?? '';
  return (await encoder.encodeItems(inputs)).map((outputs) => outputs[name] as Float32Array);
}
