import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { float32, type Tensor } from '../../../src/foundation/onnx/graph/tensor.ts';
import { writeModel } from '../../../src/foundation/onnx/model-file/write-model.ts';
import { evaluate } from '../../../src/foundation/onnx/session/open-session.ts';
import { ModelDraft } from '../../../src/learning/training/graphs/model-draft.ts';
import { POOLED_OUTPUT, poolTokens } from '../../../src/learning/training/pooling/pool-tokens.ts';
import { poolVectors } from '../../../src/serving/encoders/pool-vectors.ts';

const BATCH = 4;
const TOKENS = 6;
const DIMENSIONS = 5;
/** Lengths of the rows: one token, all tokens, and between. */
const LENGTHS = [1, 6, 3, 5];

/** A graph that hands its token vectors through. */
function passThrough() {
  const draft = new ModelDraft('pass/');
  draft.name('tokens', 'last_hidden_state');
  const shape = ['batch', 'length', DIMENSIONS];
  return draft.build({
    inputs: [
      { name: 'tokens', type: 'float32', shape },
      { name: 'attention_mask', type: 'int64', shape: ['batch', 'length'] },
    ],
    outputs: [{ name: 'last_hidden_state', type: 'float32', shape }],
  });
}

const mask: Tensor = {
  type: 'int64',
  dims: [BATCH, TOKENS],
  data: BigInt64Array.from({ length: BATCH * TOKENS }, (_, cell) =>
    cell % TOKENS < (LENGTHS[Math.floor(cell / TOKENS)] as number) ? 1n : 0n,
  ),
};

describe('pooling in the graph', () => {
  const cases = (['mean', 'cls', 'last', 'max'] as const).flatMap((pooling) =>
    [true, false].map((normalized) => ({ pooling, normalized })),
  );

  it.each(cases)("gives the encoder's own vectors: $pooling, scaled to length 1: $normalized", async (output) => {
    const random = createRandom(3);
    const tokens = Float32Array.from({ length: BATCH * TOKENS * DIMENSIONS }, () => 4 * random.next() - 2);
    const model = poolTokens(passThrough(), 'last_hidden_state', { ...output, dimensions: DIMENSIONS });
    const results = await evaluate(writeModel(model), {
      tokens: float32([BATCH, TOKENS, DIMENSIONS], tokens),
      attention_mask: mask,
    });
    const bytes = Uint8Array.from(mask.data as BigInt64Array, Number);
    const wanted = poolVectors(tokens, [BATCH, TOKENS, DIMENSIONS], bytes, { ...output, dimensions: DIMENSIONS });
    const given = results[POOLED_OUTPUT]?.data as Float32Array;
    expect(results[POOLED_OUTPUT]?.dims).toEqual([BATCH, DIMENSIONS]);
    for (const [at, value] of wanted.entries()) expect(given[at]).toBeCloseTo(value, 6);
  });

  it('asks for the mask where the graph itself has none', () => {
    const { graph, ...model } = passThrough();
    const [tokens] = graph.inputs;
    const maskless = { ...model, graph: { ...graph, inputs: [tokens!] } };
    const inputsWith = (pooling: 'mean' | 'cls'): string[] =>
      poolTokens(maskless, 'last_hidden_state', { pooling, normalized: true, dimensions: DIMENSIONS }).graph.inputs.map(
        ({ name }) => name,
      );
    expect([inputsWith('mean'), inputsWith('cls')]).toEqual([['tokens', 'attention_mask'], ['tokens']]);
  });
});
