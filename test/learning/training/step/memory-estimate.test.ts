import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import { estimateMemory } from '../../../../src/learning/training/step/memory-estimate.ts';

describe('the memory estimate', () => {
  it('counts what is alive at once, not what there ever was', () => {
    const builder = new GraphBuilder();
    let value = builder.input('x', 'float32', [100]);
    for (let layer = 0; layer < 10; layer++) value = builder.unary('Exp', value);
    builder.output(value);
    // The last result is the output; of the nine others two are alive at once.
    expect(estimateMemory(builder.build())).toEqual({ peakBytes: 800, keptBytes: 3600 });
  });

  it('keeps what a later node still reads', () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', 'float32', [100]);
    const first = builder.unary('Exp', x);
    const second = builder.unary('Tanh', first);
    const third = builder.unary('Erf', second);
    builder.output(builder.add(first, third));
    expect(estimateMemory(builder.build()).peakBytes).toBe(1200);
  });

  it('does not count a reshaped value twice, but as long as either is read', () => {
    const builder = new GraphBuilder();
    const x = builder.input('x', 'float32', [10, 10]);
    const flat = builder.reshape(builder.unary('Exp', x), [100]);
    builder.output(builder.unary('Tanh', flat));
    expect(estimateMemory(builder.build())).toEqual({ peakBytes: 400, keptBytes: 400 });
  });
});
