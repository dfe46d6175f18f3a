/** Text, or the bytes of an image file. */
export type EncoderInput = { readonly text: string } | { readonly image: Uint8Array };

/** One vector that a model gives. Vectors compare only within a space. */
export interface EncoderOutput {
  readonly name: string;
  readonly dimensions: number;
  readonly space: string;
  readonly normalized: boolean;
}

export interface EncoderStatistics {
  readonly encoded: number;
  readonly cacheHits: number;
  readonly coalesced: number;
  readonly queued: number;
}

/**
 * Turns inputs into vectors. Queries and items are separate sides because many models prefix them differently
 * (E5's `query: ` and `passage: `). Implementations batch, cache and run off the main thread.
 */
export interface Encoder {
  readonly modelId: string;
  readonly modality: 'text' | 'image';
  readonly outputs: readonly EncoderOutput[];
  /** One vector per input, from the output of that name (the first when omitted). Cached and coalesced. */
  encodeQueries(inputs: readonly EncoderInput[], output?: string): Promise<Float32Array[]>;
  /** Per input, the vectors of all outputs by output name. A bad input rejects with StudioError naming its index in details.index. */
  encodeItems(inputs: readonly EncoderInput[]): Promise<Array<Readonly<Record<string, Float32Array>>>>;
  /** Token count of a text as the model sees it, special tokens excluded; needed by the token-budget splitter. */
  countTokens?(text: string): number;
  statistics(): EncoderStatistics;
  close(): Promise<void>;
}
