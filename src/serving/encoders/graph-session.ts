import * as ort from 'onnxruntime-node';
import { StudioError } from '../../foundation/core/errors.ts';
import type { ModelOutput } from '../models/model-spec.ts';
import { floatsOf } from './half-floats.ts';
import type { WorkerSetup } from './messages.ts';
import { poolVectors } from './pool-vectors.ts';

export interface GraphSession {
  readonly inputs: ReadonlyArray<{ readonly name: string; readonly type: string }>;
  /** One run: per declared output, the vectors of all rows one after the other. */
  run(feeds: Readonly<Record<string, ort.Tensor>>, mask: Uint8Array | null): Promise<Record<string, Float32Array>>;
}

/** Opens the graph for serving and checks that it gives what the model folder declares. Throws `invalid_model`. */
export async function openGraph({ spec, threads }: WorkerSetup): Promise<GraphSession> {
  const session = await ort.InferenceSession.create(spec.onnxFile, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: {
        // Weights that are stored as int8 with DequantizeLinear are folded to fp32 once, at load; otherwise the
        // runtime keeps them small and dequantises in every run.
        disable_quant_qdq: '1',
        // Threads that spin between runs take the cores from the database and the HTTP server.
        intra_op: { allow_spinning: '0' },
      },
    },
  });
  const sources = spec.outputs.map((output) => sourceOf(session, output, spec.onnxFile, spec.pooledByGraph));
  const fetches = [...new Set(sources)];
  return {
    inputs: session.inputMetadata.map((input) => ({ name: input.name, type: input.isTensor ? input.type : 'unknown' })),
    async run(feeds, mask) {
      const results = await session.run(feeds, fetches);
      const vectors: Record<string, Float32Array> = {};
      for (const [index, output] of spec.outputs.entries()) {
        const tensor = results[sources[index] as string] as ort.Tensor;
        vectors[output.name] = poolVectors(floatsOf(tensor.data), tensor.dims, mask, output);
      }
      return vectors;
    },
  };
}

/** What exports call one vector per input, and a vector per token, best first. */
const POOLED = ['sentence_embedding', 'text_embeds', 'image_embeds'];
const PER_TOKEN = ['last_hidden_state', 'token_embeddings'];

/** The graph's output that carries a declared output: the one of its name, else of a usual name, else the only one. */
function sourceOf(session: ort.InferenceSession, output: ModelOutput, file: string, pooledByGraph: boolean): string {
  const names = session.outputNames;
  const usual = pooledByGraph ? POOLED : [...POOLED, ...PER_TOKEN];
  const name =
    [output.name, ...usual].find((candidate) => names.includes(candidate)) ??
    (names.length === 1 ? names[0] : undefined);
  const refuse = (reason: string, hint: string): StudioError =>
    new StudioError('invalid_model', `${file} ${reason}.`, { hint });
  if (name === undefined) {
    throw refuse(
      `has no output "${output.name}"; it has ${names.join(', ')}`,
      'Name the output in card.json, or export the graph with its pooling as sentence_embedding.',
    );
  }
  const metadata = session.outputMetadata.find((candidate) => candidate.name === name);
  const shape = metadata?.isTensor ? metadata.shape : [];
  const width = shape.at(-1);
  if (typeof width === 'number' && width !== output.dimensions) {
    throw refuse(
      `gives vectors of ${width} numbers where ${output.dimensions} are declared`,
      'Correct dimensions in card.json.',
    );
  }
  if (shape.length === 3 && output.pooling === 'none') {
    throw refuse(
      `gives a vector per token in "${name}" but no pooling is declared`,
      'Set pooling in card.json: mean, cls, last or max.',
    );
  }
  return name;
}
