import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import type { Tensor } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { ParameterStore } from '../../../../src/foundation/onnx/optimizers/parameter-store.ts';
import { compileCachedStep } from '../../../../src/learning/training/step/compile-cached-step.ts';
import { compileStep } from '../../../../src/learning/training/step/compile-step.ts';
import { contrastive, idsOf, smallEncoder, TOKENS, TRAINABLE, WIDTH } from './support/small-encoder.ts';

const [CHUNK, CHUNKS] = [4, 3];
const ROWS = CHUNK * CHUNKS;

function chunksOf(ids: Tensor): Array<{ ids: Tensor }> {
  return Array.from({ length: CHUNKS }, (_, chunk) => {
    const size = CHUNK * TOKENS;
    const data = (ids.data as BigInt64Array).slice(chunk * size, (chunk + 1) * size);
    return { ids: { type: 'int64', dims: [CHUNK, TOKENS], data } };
  });
}

describe('a batch in chunks (GradCache)', () => {
  it('has the loss and the gradients of the whole batch', async () => {
    const whole = new ParameterStore();
    const { builder, vectors } = smallEncoder(ROWS);
    const loss = contrastive(builder, vectors, vectors);
    const step = await compileStep({ builder, loss, store: whole, trainable: TRAINABLE });
    const ids = idsOf(ROWS, 3);
    const expected = await step.run({ ids });

    const store = new ParameterStore();
    const top = new GraphBuilder();
    const all = top.input('text', 'float32', [ROWS, WIDTH]);
    const cached = await compileCachedStep({
      towers: { text: smallEncoder(CHUNK) },
      loss: { builder: top, loss: contrastive(top, all, all) },
      store,
      trainable: TRAINABLE,
    });
    const result = await cached.run({ chunks: { text: chunksOf(ids) } });

    expect(result.loss).toBeCloseTo(expected.loss, 5);
    for (const name of TRAINABLE) {
      const right = whole.parameter(name).view.gradient;
      store.parameter(name).view.gradient.forEach((value, i) => {
        expect(Math.abs(value - (right[i] as number))).toBeLessThan(1e-6);
      });
    }
    expect(store.batches).toBe(1);
    await step.dispose();
    await cached.dispose();
  });

  it('needs the memory of one chunk', async () => {
    const store = new ParameterStore();
    const { builder, vectors } = smallEncoder(512);
    const step = await compileStep({
      builder,
      loss: builder.reduce('ReduceSum', vectors, [0, 1], false),
      store,
      trainable: TRAINABLE,
    });
    const top = new GraphBuilder();
    const all = top.input('text', 'float32', [512, WIDTH]);
    const cached = await compileCachedStep({
      towers: { text: smallEncoder(8) },
      loss: { builder: top, loss: top.reduce('ReduceSum', all, [0, 1], false) },
      store,
      trainable: TRAINABLE,
    });
    expect(cached.memoryBytes).toBeLessThan(step.memoryBytes / 5);
    await step.dispose();
    await cached.dispose();
  });
});
