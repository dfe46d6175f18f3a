import { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { openSession, type Session } from '../../../foundation/onnx/session/open-session.ts';
import { bindWeights } from './bound-weights.ts';
import { compileStep, type Step, type StepOptions, type StepResult, trainingSession } from './compile-step.ts';
import { estimateMemory } from './memory-estimate.ts';

/** An encoder for one chunk of a batch. */
export interface ChunkTower {
  readonly builder: GraphBuilder;
  /** `[rows of a chunk, dimensions]`. */
  readonly vectors: Value;
}

export interface CachedStepOptions extends Pick<StepOptions, 'store' | 'trainable' | 'provider' | 'threads'> {
  /** Names that stand for the same tower share its sessions. */
  readonly towers: Readonly<Record<string, ChunkTower>>;
  /**
   * The loss over all vectors of the batch, as a graph of its own: for each tower an input of the tower's name,
   * `[chunks × rows of a chunk, dimensions]`.
   */
  readonly loss: Pick<StepOptions, 'builder' | 'loss' | 'metrics'>;
}

type Feeds = Readonly<Record<string, Tensor>>;

/** A large batch in chunks. */
export interface CachedBatch {
  /** Feeds of each chunk by tower. */
  readonly chunks: Readonly<Record<string, readonly Feeds[]>>;
  /** Further inputs of the loss. */
  readonly loss?: Feeds;
}

export interface CachedStep {
  run(batch: CachedBatch): Promise<Pick<StepResult, 'loss' | 'metrics'>>;
  readonly memoryBytes: number;
  dispose(): Promise<void>;
}

/**
 * Contrastive steps whose batch is larger than memory allows at once: encode all chunks and keep the vectors only; loss and
 * gradients by the vectors; encode each chunk again and go backward from its vectors' gradients. The gradients are those of the
 * whole batch, memory is that of one chunk, and the price is a second forward pass.
 *
 * Gao, Zhang, Han, Callan 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup" (GradCache).
 */
export async function compileCachedStep(options: CachedStepOptions): Promise<CachedStep> {
  const { store, towers, loss } = options;
  store.accumulates = true;
  const names = Object.keys(towers);
  const top = await compileStep({ ...options, ...loss, gradientsOf: names });
  const different = new Map<ChunkTower, CompiledTower>();
  for (const tower of new Set(Object.values(towers))) different.set(tower, await compileTower(tower, options));
  const compiled = new Map(names.map((name) => [name, different.get(towers[name] as ChunkTower) as CompiledTower]));
  return {
    memoryBytes: [...different.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, top.memoryBytes),
    async run(batch) {
      const before = store.batches;
      const vectors: Record<string, Tensor> = {};
      for (const [name, tower] of compiled) vectors[name] = await encode(tower, chunksOf(batch, name));
      const { loss, metrics, inputGradients } = await top.run({ ...batch.loss, ...vectors });
      for (const [name, { backward, dims }] of compiled) {
        const gradients = inputGradients[name];
        const size = sizeOf(dims);
        for (const [place, feeds] of chunksOf(batch, name).entries()) {
          const part = gradients?.subarray(place * size, (place + 1) * size) ?? new Float32Array(size);
          await backward.run({ ...feeds, [VECTOR_GRADIENTS]: float32(dims, part) });
        }
      }
      // However many runs it took, it is one batch.
      store.batches = before + 1;
      return { loss, metrics };
    },
    async dispose() {
      await top.dispose();
      for (const { backward, forward } of different.values()) {
        await backward.dispose();
        await forward.release();
      }
    },
  };
}

const VECTOR_GRADIENTS = 'vector gradients';

interface CompiledTower {
  readonly forward: Session;
  readonly feeds: (chunk: Feeds) => Feeds;
  readonly output: string;
  readonly backward: Step;
  readonly dims: readonly number[];
  readonly memoryBytes: number;
}

async function compileTower({ builder, vectors }: ChunkTower, options: CachedStepOptions): Promise<CompiledTower> {
  const { store, trainable } = options;
  const weights = bindWeights(builder, store, trainable);
  const graph = weights.builder.build([vectors]);
  const forward = await openSession(graph, trainingSession(options));
  const asked = new Set(forward.inputs);
  // The product with a fixed gradient has that gradient: backward begins there.
  const surrogate = new GraphBuilder(builder.build([]));
  const gradients = surrogate.input(VECTOR_GRADIENTS, 'float32', vectors.dims);
  const product = surrogate.mul(vectors, gradients);
  const axes = vectors.dims.map((_, axis) => axis);
  const loss = surrogate.reduce('ReduceSum', product, axes, false);
  const backward = await compileStep({ ...trainingOf(options), store, trainable, builder: surrogate, loss });
  return {
    forward,
    feeds: (chunk) => weights.feeds(chunk, asked),
    output: vectors.name,
    backward,
    dims: vectors.dims,
    memoryBytes: backward.memoryBytes + estimateMemory(graph).peakBytes,
  };
}

const trainingOf = ({ provider, threads }: CachedStepOptions): Pick<StepOptions, 'provider' | 'threads'> => ({
  ...(provider === undefined ? {} : { provider }),
  ...(threads === undefined ? {} : { threads }),
});

async function encode({ forward, feeds, output, dims }: CompiledTower, chunks: readonly Feeds[]): Promise<Tensor> {
  const size = sizeOf(dims);
  const all = new Float32Array(chunks.length * size);
  for (const [place, chunk] of chunks.entries()) {
    const results = await forward.run(feeds(chunk), [output]);
    all.set(results[output]?.data as Float32Array, place * size);
  }
  const [rows = 0, ...rest] = dims;
  return float32([chunks.length * rows, ...rest], all);
}

const chunksOf = (batch: CachedBatch, tower: string): readonly Feeds[] => {
  const chunks = batch.chunks[tower];
  if (chunks === undefined) throw new Error(`the batch has no chunks for "${tower}"`);
  return chunks;
};
