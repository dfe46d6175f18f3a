import type { Expression } from './expression.ts';
import { f32, f32x4, i32, local, type ValueType, whileLoop } from './instructions.ts';
import type { WasmFunction } from './wasm-module.ts';

/**
 * One walk over equally long float32 arrays that replaces some of them by formulas of all of them.
 *
 * The function's parameters: a byte address per array, the number of elements, then the scalars (float32).
 * With `coefficientsPerStep` the formulas are applied `steps` times before the results are stored, each time with the
 * next row of coefficients; two parameters follow the scalars: the coefficients' byte address and the number of steps.
 */
export interface ElementwisePass {
  readonly name: string;
  readonly arrays: readonly string[];
  readonly scalars: readonly string[];
  readonly results: Readonly<Record<string, Expression>>;
  readonly coefficientsPerStep?: number;
}

const FLOAT_BYTES = 4;
const LANES = 4;

interface Layout {
  readonly pass: ElementwisePass;
  readonly count: number;
  readonly coefficients: number;
  readonly steps: number;
  readonly locals: ValueType[];
  /** A new local variable's index. */
  fresh(type: ValueType): number;
}

/** Four elements at a time with SIMD, then the rest one by one. */
export function elementwisePass(pass: ElementwisePass): WasmFunction {
  const repeated = pass.coefficientsPerStep !== undefined;
  const parameters: ValueType[] = [
    ...pass.arrays.map((): ValueType => 'i32'),
    'i32',
    ...pass.scalars.map((): ValueType => 'f32'),
    ...(repeated ? (['i32', 'i32'] as const) : []),
  ];
  const locals: ValueType[] = [];
  const layout: Layout = {
    pass,
    count: pass.arrays.length,
    coefficients: parameters.length - 2,
    steps: parameters.length - 1,
    locals,
    fresh: (type) => parameters.length + locals.push(type) - 1,
  };
  const vectorBytes = layout.fresh('i32');
  const allBytes = layout.fresh('i32');
  const offset = layout.fresh('i32');
  const count = local.get(layout.count);
  const code = [
    ...[...count, ...i32.constant(2), ...i32.shiftLeft, ...local.set(allBytes)],
    ...[...count, ...i32.constant(-LANES), ...i32.and, ...i32.constant(2), ...i32.shiftLeft, ...local.set(vectorBytes)],
    ...walk(layout, 'v128', offset, vectorBytes),
    ...walk(layout, 'f32', offset, allBytes),
  ];
  return { name: pass.name, parameters, results: [], locals, code };
}

function walk(layout: Layout, type: 'v128' | 'f32', offset: number, end: number): number[] {
  const { pass, fresh } = layout;
  const form = type === 'v128' ? f32x4 : f32;
  const width = type === 'v128' ? LANES * FLOAT_BYTES : FLOAT_BYTES;
  const splat = type === 'v128' ? f32x4.splat : [];
  const address = (array: number) => [...local.get(array), ...local.get(offset), ...i32.add];

  const known = new Map<string, number>();
  const spread = pass.scalars.flatMap((name, position) => {
    const variable = fresh(type);
    known.set(`scalar ${name}`, variable);
    return [...local.get(layout.count + 1 + position), ...splat, ...local.set(variable)];
  });
  const loads = pass.arrays.flatMap((name, array) => {
    const variable = fresh(type);
    known.set(`array ${name}`, variable);
    return [...address(array), ...form.load, ...local.set(variable)];
  });
  const once = formulas(layout, type, known);
  const apply = pass.coefficientsPerStep === undefined ? once(null) : repeat(layout, once);
  const stores = Object.keys(pass.results).flatMap((name) => [
    ...address(pass.arrays.indexOf(name)),
    ...local.get(known.get(`array ${name}`) as number),
    ...form.store,
  ]);
  const forward = [...local.get(offset), ...i32.constant(width), ...i32.add, ...local.set(offset)];
  const condition = [...local.get(offset), ...local.get(end), ...i32.below];
  return [...spread, ...whileLoop(condition, [...loads, ...apply, ...stores, ...forward])];
}

/** Code that replaces the variables of the results by their formulas' values, given where the coefficients stand. */
function formulas(layout: Layout, type: 'v128' | 'f32', known: ReadonlyMap<string, number>) {
  return (coefficientAddress: number | null): number[] => {
    const code: number[] = [];
    const variables = new Map<Expression, number>();
    const form = type === 'v128' ? f32x4 : f32;
    const visit = (expression: Expression): number => {
      if (expression.kind === 'array' || expression.kind === 'scalar') {
        const variable = known.get(`${expression.kind} ${expression.name}`);
        if (variable === undefined) throw new Error(`${layout.pass.name} has no ${expression.kind} ${expression.name}`);
        return variable;
      }
      const done = variables.get(expression);
      if (done !== undefined) return done;
      const variable = layout.fresh(type);
      if (expression.kind === 'coefficient') {
        const load = type === 'v128' ? f32x4.loadSplat : f32.load;
        const place = i32.constant(expression.position * FLOAT_BYTES);
        code.push(...local.get(coefficientAddress as number), ...place, ...i32.add, ...load, ...local.set(variable));
      } else if (expression.kind === 'sqrt') {
        const of = visit(expression.of);
        code.push(...local.get(of), ...form.sqrt, ...local.set(variable));
      } else {
        const left = visit(expression.left);
        const right = visit(expression.right);
        code.push(...local.get(left), ...local.get(right), ...form[expression.kind], ...local.set(variable));
      }
      variables.set(expression, variable);
      return variable;
    };
    // Every formula reads the old values, so all are computed before any is assigned.
    const values = Object.entries(layout.pass.results).map(([name, formula]) => [name, visit(formula)] as const);
    for (const [name, value] of values) {
      code.push(...local.get(value), ...local.set(known.get(`array ${name}`) as number));
    }
    return code;
  };
}

function repeat(layout: Layout, once: (coefficientAddress: number) => number[]): number[] {
  const address = layout.fresh('i32');
  const left = layout.fresh('i32');
  const rowBytes = (layout.pass.coefficientsPerStep as number) * FLOAT_BYTES;
  return [
    ...[...local.get(layout.coefficients), ...local.set(address)],
    ...[...local.get(layout.steps), ...local.set(left)],
    ...whileLoop(local.get(left), [
      ...once(address),
      ...[...local.get(address), ...i32.constant(rowBytes), ...i32.add, ...local.set(address)],
      ...[...local.get(left), ...i32.constant(1), ...i32.sub, ...local.set(left)],
    ]),
  ];
}
