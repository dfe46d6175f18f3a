import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../../src/foundation/onnx/graph/graph-builder.ts';
import { inlineGraph } from '../../../../src/foundation/onnx/graph/inline-graph.ts';
import type { StaticGraph } from '../../../../src/foundation/onnx/graph/static-graph.ts';
import { float32 } from '../../../../src/foundation/onnx/graph/tensor.ts';
import { evaluate } from '../../../../src/foundation/onnx/session/open-session.ts';

function tower(rows: number, weight = float32([2, 1], [3, 5])): StaticGraph {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [rows, 2]);
  builder.output(builder.matMul(x, builder.constant(weight, 'weight')));
  return builder.build();
}

describe('graphs inlined into a builder', () => {
  it('share their weights, also once these are inputs', async () => {
    const builder = new GraphBuilder();
    const [queries] = inlineGraph(builder, tower(1), { prefix: 'query/' });
    builder.promote('weight');
    const [items] = inlineGraph(builder, tower(1), { prefix: 'item/' });
    builder.output(builder.sub(queries!, items!));
    const graph = builder.build();
    expect(graph.inputs.map((input) => input.name)).toEqual(['query/x', 'weight', 'item/x']);
    expect([...graph.constants.keys()]).toEqual([]);
    const feeds = {
      'query/x': float32([1, 2], [1, 0]),
      'item/x': float32([1, 2], [0, 1]),
      weight: float32([2, 1], [7, 2]),
    };
    expect(Object.values(await evaluate(graph, feeds))[0]?.data).toEqual(Float32Array.of(5));
  });

  it('do not share constants that only have the same name', () => {
    const builder = new GraphBuilder();
    inlineGraph(builder, tower(1), { prefix: 'a/' });
    inlineGraph(builder, tower(1, float32([2, 1], [3, 6])), { prefix: 'b/' });
    expect([...builder.build().constants.keys()]).toEqual(['weight', 'b/weight']);
  });

  it('take values of the builder as inputs, of the same type and dimensions', () => {
    const builder = new GraphBuilder();
    const wide = builder.input('wide', 'float32', [4, 2]);
    const [vectors] = inlineGraph(builder, tower(4), { prefix: 'a/', inputs: { x: wide } });
    expect(vectors?.dims).toEqual([4, 1]);
    expect(() => inlineGraph(builder, tower(3), { prefix: 'b/', inputs: { x: wide } })).toThrow(
      'input "x" is float32 [3,2], not float32 [4,2] ("wide")',
    );
  });

  it('raise the operator set of the builder to theirs', () => {
    const builder = new GraphBuilder();
    inlineGraph(builder, { ...tower(1), opset: 22 }, { prefix: 'a/' });
    expect(builder.build().opset).toBe(22);
  });

  it('need prefixes of their own', () => {
    const builder = new GraphBuilder();
    inlineGraph(builder, tower(1), { prefix: 'a/' });
    expect(() => inlineGraph(builder, tower(1), { prefix: 'a/' })).toThrow('already has a value "a/x"');
  });
});
