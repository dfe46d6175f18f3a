import type { Model, ValueInfo } from '../graph/graph.ts';
import { sizeOf, type Tensor } from '../graph/tensor.ts';
import { invalidModel } from '../model-file/invalid-model.ts';

/**
 * The model's inputs with fixed dimensions: those given, or else those the model declares itself. Inputs that have an
 * initializer are weights. Throws `invalid_model` when something is left open or does not fit the declaration.
 */
export function fixInputs(
  { graph }: Model,
  given: Readonly<Record<string, readonly number[]>>,
  fixed: Readonly<Record<string, Tensor>>,
): ValueInfo[] {
  const inputs = graph.inputs.filter((input) => !graph.initializers.has(input.name) && fixed[input.name] === undefined);
  for (const name of [...Object.keys(given), ...Object.keys(fixed)]) {
    if (!graph.inputs.some((input) => input.name === name)) {
      throw invalidModel(
        `the model has no input "${name}"; it has ${graph.inputs.map((input) => input.name).join(', ')}.`,
        'Give dimensions by the names of the inputs.',
      );
    }
  }
  return inputs.map((input) => {
    const shape = given[input.name] ?? declaredDims(input);
    checkFit(input, shape);
    return { name: input.name, type: input.type, shape };
  });
}

function declaredDims({ name, shape }: ValueInfo): readonly number[] {
  if (shape === null) {
    throw invalidModel(`input "${name}" declares no rank.`, `Give the dimensions of "${name}".`);
  }
  return shape.map((size) => {
    if (typeof size === 'number') return size;
    throw invalidModel(
      `input "${name}" has open dimensions: [${shape.map((each) => each ?? '?').join(', ')}].`,
      `Give the dimensions of "${name}".`,
    );
  });
}

function checkFit({ name, shape }: ValueInfo, dims: readonly number[]): void {
  const fits =
    shape === null ||
    (shape.length === dims.length && shape.every((size, axis) => typeof size !== 'number' || size === dims[axis]));
  if (fits && dims.every((size) => Number.isInteger(size) && size > 0) && sizeOf(dims) > 0) return;
  throw invalidModel(
    `input "${name}" is declared as [${(shape ?? ['any']).map((each) => each ?? '?').join(', ')}], which [${dims}] does not fit.`,
    `Give dimensions of "${name}" that fit.`,
  );
}
