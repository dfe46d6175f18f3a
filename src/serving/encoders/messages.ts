import type { ErrorCode } from '../../foundation/core/error-table.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { EncoderInput } from './encoder.ts';

/** What an encoder's worker thread is started with. */
export interface WorkerSetup {
  readonly spec: ModelSpec;
  readonly threads: number;
  readonly maxBatchTokens: number;
  readonly maxPixels: number;
}

/** Queries overtake items. */
export type EncodeSide = 'query' | 'item';

export interface EncodeMessage {
  readonly id: number;
  readonly side: EncodeSide;
  readonly inputs: readonly EncoderInput[];
}

/** The last message: the run under way is finished, what waits is dropped, and the thread ends. */
export interface CloseMessage {
  readonly close: true;
}

/** An input that could not be read, by its place in the message. */
export interface Fault {
  readonly index: number;
  readonly message: string;
}

/** Per output name, the vectors of all inputs one after the other; or why there are none. */
export type EncodedMessage =
  | { readonly id: number; readonly vectors: Readonly<Record<string, Float32Array>>; readonly faults: readonly Fault[] }
  | { readonly id: number; readonly error: string };

/** First message of a worker: it is ready, or why not. */
export type ReadyMessage =
  | { readonly ready: true; readonly loadMilliseconds: LoadTimes }
  | { readonly ready: false; readonly code: ErrorCode; readonly error: string; readonly hint?: string };

/** Where the time of opening a model went. */
export interface LoadTimes {
  readonly graph: number;
  readonly preparation: number;
}
