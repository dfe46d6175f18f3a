import { setImmediate as turn } from 'node:timers/promises';
import { type BatchLimits, BatchQueue, type Piece } from './batch-queue.ts';
import type { EncoderInput, EncoderOutput } from './encoder.ts';
import type { EncodedMessage, EncodeMessage, Fault } from './messages.ts';

/** A model that is open: how an input gets ready for it, and one run of several. */
export interface ModelSession<Content> {
  prepare(input: EncoderInput): Piece<Content>;
  /** Per output the vectors of all contents; `faults` name contents that could not be read, by their place. */
  run(contents: readonly Content[]): Promise<{ vectors: Record<string, Float32Array>; faults: readonly Fault[] }>;
}

interface Request {
  readonly id: number;
  readonly vectors: Record<string, Float32Array>;
  readonly faults: Fault[];
  left: number;
  failed: boolean;
}

interface Place<Content> {
  /** Null where getting ready failed; the request knows of the fault. */
  readonly content: Content | null;
  readonly request: Request;
  readonly index: number;
}

/**
 * Takes messages, mixes their inputs into batches, and answers each message when its last input is done.
 * Nothing is ever held back to fill a batch: what waits when the graph gets free goes into the next run.
 */
export class WorkerLoop<Content> {
  readonly #session: ModelSession<Content>;
  readonly #outputs: readonly EncoderOutput[];
  readonly #queue: BatchQueue<Place<Content>>;
  readonly #answer: (message: EncodedMessage, transfer: ArrayBuffer[]) => void;
  #working: Promise<void> | null = null;
  #stopped = false;

  constructor(
    session: ModelSession<Content>,
    outputs: readonly EncoderOutput[],
    limits: BatchLimits,
    answer: (message: EncodedMessage, transfer: ArrayBuffer[]) => void,
  ) {
    this.#session = session;
    this.#outputs = outputs;
    this.#queue = new BatchQueue(limits);
    this.#answer = answer;
  }

  accept({ id, side, inputs }: EncodeMessage): void {
    const vectors = Object.fromEntries(
      this.#outputs.map(({ name, dimensions }) => [name, new Float32Array(inputs.length * dimensions)]),
    );
    const request: Request = { id, vectors, faults: [], left: inputs.length, failed: false };
    inputs.forEach((input, index) => {
      this.#queue.add(side, () => {
        try {
          const { content, cost } = this.#session.prepare(input);
          return { content: { content, request, index }, cost };
        } catch (error) {
          request.faults.push({ index, message: (error as Error).message });
          return { content: { content: null, request, index }, cost: 1 };
        }
      });
    });
    this.#working ??= this.#work();
  }

  /** Begins no other run; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queue.size > 0) {
      // A run blocks this thread; before each one, whatever has arrived meanwhile gets in.
      await turn();
      if (this.#stopped) break;
      const batch = this.#queue.next().map((piece) => piece.content);
      try {
        await this.#run(batch);
      } catch (error) {
        this.#fail(batch, error as Error);
      }
    }
    this.#working = null;
  }

  async #run(batch: ReadonlyArray<Place<Content>>): Promise<void> {
    const ready = batch.filter((place) => place.content !== null);
    if (ready.length > 0) {
      const { vectors, faults } = await this.#session.run(ready.map((place) => place.content as Content));
      for (const fault of faults) {
        const { request, index } = ready[fault.index] as Place<Content>;
        request.faults.push({ index, message: fault.message });
      }
      ready.forEach(({ request, index }, row) => {
        for (const { name, dimensions } of this.#outputs) {
          const one = (vectors[name] as Float32Array).subarray(row * dimensions, (row + 1) * dimensions);
          (request.vectors[name] as Float32Array).set(one, index * dimensions);
        }
      });
    }
    for (const { request } of batch) this.#countDown(request);
  }

  #countDown(request: Request): void {
    request.left--;
    if (request.left > 0 || request.failed) return;
    request.faults.sort((left, right) => left.index - right.index);
    const transfer = Object.values(request.vectors).map((data) => data.buffer as ArrayBuffer);
    this.#answer({ id: request.id, vectors: request.vectors, faults: request.faults }, transfer);
  }

  #fail(batch: ReadonlyArray<Place<Content>>, error: Error): void {
    for (const { request } of batch) {
      request.left--;
      if (!request.failed) this.#answer({ id: request.id, error: error.message }, []);
      request.failed = true;
    }
  }
}
