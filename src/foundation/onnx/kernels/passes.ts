import { elementwisePass } from './assembler/elementwise-pass.ts';
import { add, div, type Expression, mul, sqrt, sub } from './assembler/expression.ts';
import { sumOfSquares } from './assembler/sum-of-squares.ts';
import { wasmModule } from './assembler/wasm-module.ts';

const array = (name: string): Expression => ({ kind: 'array', name });
const scalar = (name: string): Expression => ({ kind: 'scalar', name });
const coefficient = (position: number): Expression => ({ kind: 'coefficient', position });

const weight = array('weight');
const firstMoment = array('firstMoment');
const secondMoment = array('secondMoment');

/** The parameter's share of an AdamW step once the moments are new (Loshchilov & Hutter 2019, algorithm 2). */
const adamWeight = (decay: Expression, first: Expression, second: Expression, bias: Expression, size: Expression) => {
  const denominator = add(mul(sqrt(second), bias), scalar('epsilon'));
  return sub(mul(weight, decay), div(mul(first, size), denominator));
};

function adamw() {
  const gradient = mul(array('gradient'), scalar('gradientScale'));
  const first = add(firstMoment, mul(sub(gradient, firstMoment), scalar('firstRate')));
  const second = add(mul(secondMoment, scalar('beta2')), mul(mul(gradient, gradient), scalar('secondRate')));
  return elementwisePass({
    name: 'adamw',
    arrays: ['weight', 'gradient', 'firstMoment', 'secondMoment'],
    scalars: ['gradientScale', 'firstRate', 'beta2', 'secondRate', 'epsilon', 'decay', 'bias', 'size'],
    results: {
      weight: adamWeight(scalar('decay'), first, second, scalar('bias'), scalar('size')),
      firstMoment: first,
      secondMoment: second,
    },
  });
}

/** Steps without a gradient, one after another: what a table's row missed while nobody read it. */
function adamwIdle() {
  const first = mul(firstMoment, scalar('beta1'));
  const second = mul(secondMoment, scalar('beta2'));
  return elementwisePass({
    name: 'adamwIdle',
    arrays: ['weight', 'firstMoment', 'secondMoment'],
    scalars: ['beta1', 'beta2', 'epsilon'],
    coefficientsPerStep: 3,
    results: {
      weight: adamWeight(coefficient(0), first, second, coefficient(1), coefficient(2)),
      firstMoment: first,
      secondMoment: second,
    },
  });
}

/** SGD with momentum and L2 decay as PyTorch defines it: b ← μ b + g + λ w, w ← w − lr b. */
function sgd() {
  const gradient = add(mul(array('gradient'), scalar('gradientScale')), mul(weight, scalar('weightDecay')));
  const momentum = add(mul(firstMoment, scalar('momentum')), gradient);
  return elementwisePass({
    name: 'sgd',
    arrays: ['weight', 'gradient', 'firstMoment'],
    scalars: ['gradientScale', 'momentum', 'weightDecay', 'learningRate'],
    results: { weight: sub(weight, mul(momentum, scalar('learningRate'))), firstMoment: momentum },
  });
}

/** (left, right) ← (a left + b right, c left + d right). */
const mix = () =>
  elementwisePass({
    name: 'mix',
    arrays: ['left', 'right'],
    scalars: ['a', 'b', 'c', 'd'],
    results: {
      left: add(mul(array('left'), scalar('a')), mul(array('right'), scalar('b'))),
      right: add(mul(array('left'), scalar('c')), mul(array('right'), scalar('d'))),
    },
  });

const accumulate = () =>
  elementwisePass({
    name: 'accumulate',
    arrays: ['target', 'source'],
    scalars: ['factor'],
    results: { target: add(array('target'), mul(array('source'), scalar('factor'))) },
  });

const scale = () =>
  elementwisePass({
    name: 'scale',
    arrays: ['target'],
    scalars: ['factor'],
    results: { target: mul(array('target'), scalar('factor')) },
  });

/** All kernels as one WebAssembly module, assembled at first use (about a millisecond). */
export const kernelModule = (): Uint8Array<ArrayBuffer> =>
  wasmModule([adamw(), adamwIdle(), sgd(), mix(), accumulate(), scale(), sumOfSquares()]);
