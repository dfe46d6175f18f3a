import { StudioError } from '../../../foundation/core/errors.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../foundation/onnx/model-file/write-model.ts';
import { openSession } from '../../../foundation/onnx/session/open-session.ts';
import { openTokenizer } from '../../../serving/encoders/tokenizers/text-tokenizer.ts';
import { tokenFeeds } from '../batches/token-feeds.ts';
import { POOLED_OUTPUT, poolTokens } from '../pooling/pool-tokens.ts';
import { firstOutput, type LoadedEncoder, sourceOf } from '../sources/load-encoder.ts';
import type { Watch } from '../sources/watch.ts';

const TOKENS_PER_RUN = 256;

/** What an encoder makes of each token of its vocabulary alone, between its special tokens: `[vocabulary, dimensions]`. */
export async function tokenVectors(encoder: LoadedEncoder, { signal, onProgress }: Watch): Promise<Tensor> {
  const { spec, model } = encoder;
  const output = firstOutput(encoder);
  const pooled = poolTokens(model, sourceOf(encoder, output), output);
  const size = vocabularySize(encoder);
  const { encode, padId } = openTokenizer(spec.folder, spec.maxTokens);
  const [first, ...others] = encode('');
  const session = await openSession(writeModel(pooled));
  const table = new Float32Array(size * output.dimensions);
  try {
    for (let from = 0; from < size; from += TOKENS_PER_RUN) {
      signal?.throwIfAborted();
      const count = Math.min(TOKENS_PER_RUN, size - from);
      const rows = Array.from({ length: count }, (_, at) => [
        ...(first === undefined ? [] : [first]),
        from + at,
        ...others,
      ]);
      const length = (rows[0] as number[]).length;
      const results = await session.run(tokenFeeds(pooled.graph.inputs, { rows, padId }, length), [POOLED_OUTPUT]);
      table.set(results[POOLED_OUTPUT]?.data as Float32Array, from * output.dimensions);
      onProgress?.('tokens', from + count, size);
    }
  } finally {
    await session.release();
  }
  return float32([size, output.dimensions], table);
}

/** Rows of the table that the graph looks tokens up in. */
function vocabularySize({ spec, model }: LoadedEncoder): number {
  const lookup = model.graph.nodes.find((node) => node.op === 'Gather' && node.inputs[1] === 'input_ids');
  const size = model.graph.initializers.get(lookup?.inputs[0] ?? '')?.dims[0];
  if (size !== undefined) return size;
  throw new StudioError('invalid_training', `${spec.onnxFile} looks up no token table by input_ids.`);
}
