import { createHash } from 'node:crypto';
import { StudioError } from '../../src/foundation/core/errors.ts';
import { normalized } from '../../src/foundation/core/math.ts';
import type { Encoder, EncoderInput } from '../../src/serving/encoders/encoder.ts';

export const COUNTING_DIMENSIONS = 8;

/** The vector that the counting encoder gives a text. */
export function hashVector(text: string): Float32Array {
  const digest = createHash('sha256').update(text).digest();
  return normalized(
    Float32Array.from({ length: COUNTING_DIMENSIONS }, (_, index) => digest.readInt32LE(index * 4) / 2 ** 31),
  );
}

/** A small deterministic encoder that remembers what it was asked to encode and refuses texts with `unreadable` in them. */
export function createCountingEncoder(
  options: { readonly modelId?: string; readonly modality?: 'text' | 'image' } = {},
) {
  const encodedItems: string[] = [];
  let held: Promise<void> = Promise.resolve();
  let away: Error | null = null;
  const keyOf = (input: EncoderInput): string =>
    'text' in input ? input.text : Buffer.from(input.image).toString('base64');
  const encoder: Encoder = {
    modelId: options.modelId ?? 'counting',
    modality: options.modality ?? 'text',
    outputs: [{ name: 'embedding', dimensions: COUNTING_DIMENSIONS, space: 'counting', normalized: true }],
    encodeQueries: async (inputs) => inputs.map((input) => hashVector(keyOf(input))),
    async encodeItems(inputs) {
      await held;
      if (away !== null) throw away;
      const refused = inputs.findIndex((input) => keyOf(input).includes('unreadable'));
      if (refused >= 0)
        throw new StudioError('encoding_failed', 'The text is unreadable.', { details: { index: refused } });
      encodedItems.push(...inputs.map(keyOf));
      return inputs.map((input) => ({ embedding: hashVector(keyOf(input)) }));
    },
    countTokens: (text) => text.split(/\s+/).filter(Boolean).length,
    statistics: () => ({ encoded: encodedItems.length, cacheHits: 0, coalesced: 0, queued: 0 }),
    close: async () => {},
  };
  return {
    encoder,
    /** Texts (or base64 of pictures) in the order in which they were encoded. */
    encodedItems,
    /** Makes encoding wait until the returned function is called. */
    hold(): () => void {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    /** Makes every call fail with this error; null brings it back. */
    setAway(error: Error | null): void {
      away = error;
    },
  };
}
