import type { EncoderOutput } from '../encoders/encoder.ts';

/** How token vectors become one vector; `none` when the graph gives one vector per input itself. */
export type Pooling = 'mean' | 'cls' | 'last' | 'max' | 'none';

export interface ModelOutput extends EncoderOutput {
  readonly pooling: Pooling;
}

/** All that an encoder must know about a model folder. */
export interface ModelSpec {
  readonly id: string;
  readonly folder: string;
  readonly modality: 'text' | 'image';
  readonly onnxFile: string;
  readonly outputs: readonly ModelOutput[];
  /** Longest input in tokens, special tokens included. */
  readonly maxTokens: number;
  /** What is put before a query and before an item. */
  readonly prefixes: { readonly query: string; readonly item: string };
  /** The graph itself must give one vector per input: layers that follow the pooling are not in the folder otherwise. */
  readonly pooledByGraph: boolean;
  /** `card.json`, or what stood in its place. */
  readonly card: Readonly<Record<string, unknown>>;
}

/** The space of an output whose model does not name one: it compares with nothing else. */
export const ownSpace = (id: string, output: string): string => `${id}:${output}`;
