import { type GradientCase, gradientCase } from '../../../../support/gradient-cases.ts';

/** Matrix products. */
export const productCases: readonly GradientCase[] = [
  gradientCase('MatMul', 'rows of any rank by a weight', (draw) => {
    const [inner, columns] = [draw.integer(1, 4), draw.integer(1, 4)];
    return {
      inputs: [draw.elements([...draw.dims(1, 3), inner]), draw.elements([inner, columns])],
      build: (builder, [a, b]) => builder.matMul(a!, b!),
    };
  }),
  gradientCase('MatMul', 'broadcast batches', (draw) => {
    const batch = draw.dims(0, 2);
    const [rows, inner, columns] = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 3)];
    const [left, right] = draw.boolean() ? [batch, draw.broadcastTo(batch)] : [draw.broadcastTo(batch), batch];
    return {
      inputs: [draw.elements([...left, rows, inner]), draw.elements([...right, inner, columns])],
      build: (builder, [a, b]) => builder.matMul(a!, b!),
    };
  }),
  gradientCase('MatMul', 'vectors', (draw) => {
    const inner = draw.integer(1, 4);
    const [rows, columns] = draw.pick([
      [[], []],
      [[2], []],
      [[], [3]],
      [[2, 2], []],
      [[], [2, 3]],
    ] as const);
    const [left, right] = [[...rows, inner], columns.length === 2 ? [2, inner, 3] : [inner, ...columns]];
    return {
      inputs: [draw.elements(left), draw.elements(right)],
      build: (builder, [a, b]) => builder.node('MatMul', [a!, b!], { type: 'float32', dims: [...rows, ...columns] }),
    };
  }),
  gradientCase('Gemm', 'transposed or not, with a bias', (draw) => {
    const [rows, inner, columns] = [draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)];
    const [transA, transB] = [draw.integer(0, 1), draw.integer(0, 1)];
    const dims = [rows, columns];
    const attributes = {
      transA,
      transB,
      alpha: { kind: 'float', value: draw.pick([1, 0.5]) },
      beta: { kind: 'float', value: draw.pick([1, -0.7]) },
    } as const;
    const inputs = [
      draw.elements(transA ? [inner, rows] : [rows, inner]),
      draw.elements(transB ? [columns, inner] : [inner, columns]),
      ...(draw.boolean() ? [draw.elements(draw.broadcastTo(dims))] : []),
    ];
    return { inputs, build: (builder, values) => builder.node('Gemm', values, { type: 'float32', dims }, attributes) };
  }),
  gradientCase('Einsum', 'attention scores', (draw) => {
    const [b, h, q, k, d] = [1, 2, 3, 4, 5].map(() => draw.integer(1, 3)) as [number, number, number, number, number];
    return {
      inputs: [draw.elements([b, q, h, d]), draw.elements([b, k, h, d])],
      build: (builder, [x, y]) =>
        builder.node('Einsum', [x!, y!], { type: 'float32', dims: [b, h, q, k] }, { equation: 'bqhd, bkhd -> bhqk' }),
    };
  }),
  gradientCase('Einsum', 'implicit result, a label summed in one operand', (draw) => {
    const [i, j] = [draw.integer(1, 4), draw.integer(1, 4)];
    const equation = draw.pick(['ij,j', 'ij,j->j']);
    return {
      inputs: [draw.elements([i, j]), draw.elements([j])],
      build: (builder, [x, y]) =>
        builder.node('Einsum', [x!, y!], { type: 'float32', dims: equation === 'ij,j' ? [i] : [j] }, { equation }),
    };
  }),
];
