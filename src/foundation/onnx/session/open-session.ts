import * as ort from 'onnxruntime-node';
import type { StaticGraph } from '../graph/static-graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import { invalidModel } from '../model-file/invalid-model.ts';
import { staticModelBytes } from '../model-file/static-model.ts';
import { fromRuntime, toRuntime } from './tensors.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

export interface SessionOptions {
  /** What computes; default `cpu`. */
  readonly provider?: Provider;
  /** Threads within an operator; default: onnxruntime's choice, the number of physical cores. */
  readonly threads?: number;
  /** Whether waiting threads spin (faster steps) or sleep (leaves the cores to others); default false. */
  readonly spinning?: boolean;
  /** How much onnxruntime rewrites the graph first; default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /**
   * Whether each run's memory is laid out beforehand from the first run's, in one block beside what the first run took;
   * default true. Off, a large graph needs about half the memory.
   */
  readonly memoryPattern?: boolean;
  /** Session configuration entries of onnxruntime, by their full key: `session.disable_prepacking`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Outputs to compute: their names, or for each one a tensor to write into (its dimensions must fit) or null. */
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>;

/** A graph made ready to run by onnxruntime. */
export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Element types of the outputs as onnxruntime infers them. */
  readonly outputTypes: Readonly<Record<string, string>>;
  /** Computes the outputs (all of them unless `fetches` says which). Tensors are passed without copies. */
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: Fetches): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Opens a graph, or the bytes of any ONNX model, for running. Throws `invalid_model` when onnxruntime refuses it.
 *
 * @example
 * const session = await openSession(graph, { threads: 2 });
 * const { loss } = await session.run({ ids, mask }, ['loss']);
 * await session.release();
 */
export async function openSession(graph: StaticGraph | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const bytes = graph instanceof Uint8Array ? graph : staticModelBytes(graph);
  const session = await create(bytes, options);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    outputTypes: Object.fromEntries(
      session.outputMetadata.map((output) => [output.name, output.isTensor ? output.type : 'no tensor']),
    ),
    async run(feeds, fetches = session.outputNames) {
      const results = await session.run(mapValues(feeds, toRuntime), toFetches(fetches));
      const given: Readonly<Record<string, Tensor | null>> = isList(fetches) ? {} : fetches;
      return Object.fromEntries(
        Object.entries(results).map(([name, result]) => [name, resultOf(fromRuntime(result), given[name])]),
      );
    },
    release: () => session.release(),
  };
}

/** Runs a graph once, for tests and for folding: opens it without optimisation, computes all outputs, closes it. */
export async function evaluate(
  graph: StaticGraph | Uint8Array,
  feeds: Readonly<Record<string, Tensor>> = {},
  options: SessionOptions = {},
): Promise<Record<string, Tensor>> {
  const session = await openSession(graph, { optimization: 'disabled', ...options });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

async function create(bytes: Uint8Array, options: SessionOptions): Promise<ort.InferenceSession> {
  const {
    provider = 'cpu',
    threads,
    spinning = false,
    optimization = 'all',
    memoryPattern = true,
    config = {},
  } = options;
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
      graphOptimizationLevel: optimization,
      enableMemPattern: memoryPattern,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      extra: { 'session.intra_op.allow_spinning': spinning ? '1' : '0', ...config },
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    if (provider !== 'cpu')
      throw invalidModel(`The provider ${provider} cannot be opened here: ${said}`, NEEDS[provider], cause);
    throw invalidModel(
      `onnxruntime cannot open the graph: ${said}`,
      'Export the model again, with standard operators of opset 17 to 26.',
      cause,
    );
  }
}

const NEEDS = {
  webgpu: 'It needs a graphics card and its Vulkan, Metal or Direct3D driver; use provider cpu without one.',
  cuda: "It needs an NVIDIA card and onnxruntime-node's CUDA libraries (its install script fetches them); use provider cpu without.",
} as const;

/**
 * Of what it wrote into given memory, the runtime hands out a copy as well: its memory is freed at once, not when the
 * garbage collector comes, and the caller has the original.
 */
function resultOf(result: Tensor, given: Tensor | null | undefined): Tensor {
  if (given === null || given === undefined) return result;
  const { buffer } = result.data;
  if (buffer instanceof ArrayBuffer && buffer !== given.data.buffer) buffer.transfer(0);
  return given;
}

function toFetches(fetches: Fetches): Record<string, ort.Tensor | null> {
  if (isList(fetches)) return Object.fromEntries(fetches.map((name) => [name, null]));
  return mapValues(fetches, (tensor) => (tensor === null ? null : toRuntime(tensor)));
}

const isList = (fetches: Fetches): fetches is readonly string[] => Array.isArray(fetches);

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
