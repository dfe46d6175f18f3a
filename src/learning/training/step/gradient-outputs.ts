import type { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, sizeOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { Parameter } from '../../../foundation/onnx/optimizers/parameter.ts';
import type { ParameterStore } from '../../../foundation/onnx/optimizers/parameter-store.ts';
import type { TableReader } from './table-reader.ts';

/** Who gets the gradient that the graph gives under one name. Two weights that are added get the same one. */
export interface GradientOutput {
  readonly value: Value;
  readonly parameters: readonly Parameter[];
  readonly tables: readonly TableReader[];
  /** Inputs of the graph whose gradient the caller asked for. */
  readonly inputs: readonly string[];
  /** Where it is written unless it is of a whole parameter, which has room in the store. */
  readonly own: Float32Array | null;
}

export type GradientOwner =
  | { readonly parameter: Parameter }
  | { readonly table: TableReader }
  | { readonly input: string };

/** Groups owners by output. Where nothing flows there is no output. */
export function gradientOutputs(
  builder: GraphBuilder,
  gradients: readonly Value[],
  owners: readonly GradientOwner[],
): GradientOutput[] {
  const outputs = new Map<string, { value: Value; parameters: Parameter[]; tables: TableReader[]; inputs: string[] }>();
  gradients.forEach((gradient, place) => {
    if (isZero(builder, gradient)) return;
    const known = outputs.get(gradient.name);
    const output = known ?? { value: computed(builder, gradient), parameters: [], tables: [], inputs: [] };
    outputs.set(gradient.name, output);
    const owner = owners[place] as GradientOwner;
    if ('table' in owner) output.tables.push(owner.table);
    else if ('input' in owner) output.inputs.push(owner.input);
    else output.parameters.push(owner.parameter);
  });
  return [...outputs.values()].map((output) => ({
    ...output,
    own: output.parameters.length === 0 ? new Float32Array(sizeOf(output.value.dims)) : null,
  }));
}

/** Differentiation gives an expanded zero for what the loss does not depend on. */
function isZero(builder: GraphBuilder, value: Value): boolean {
  const node = builder.nodes().find(({ outputs }) => outputs.includes(value.name));
  if (node?.op === 'Expand') return isZero(builder, builder.value(node.inputs[0] as string));
  const constant = builder.constantOf(value)?.data as Float32Array | undefined;
  return constant?.every((element) => element === 0) ?? false;
}

/** A gradient may be an input or a constant as it stands; an output has to be a node's. */
function computed(builder: GraphBuilder, value: Value): Value {
  const isNodes = builder.nodes().some((node) => node.outputs.includes(value.name));
  return isNodes ? value : builder.unary('Identity', value);
}

export interface GradientReceipt {
  /** Memory for the run to write into. */
  readonly fetches: Readonly<Record<string, Tensor>>;
  /** To be called when it has. */
  readonly written: () => void;
}

/** Where one run's gradients go: straight into the store if they are the first, else to be added there. */
export function receiveGradients(store: ParameterStore, outputs: readonly GradientOutput[]): GradientReceipt {
  const plans = outputs.map(({ value, parameters: [first, ...others], tables, own }) => {
    const slot = first === undefined ? null : store.gradientSlot(first);
    const data = first === undefined || slot === null ? (own as Float32Array) : first.view[slot];
    return { value, first, others, tables, slot, data };
  });
  return {
    fetches: Object.fromEntries(plans.map(({ value, data }) => [value.name, float32(value.dims, data)])),
    written() {
      for (const { first, others, tables, slot, data } of plans) {
        for (const table of tables) table.scatter(data);
        for (const parameter of others) {
          const into = store.gradientSlot(parameter);
          parameter.view[into].set(data);
          store.gradientWritten(parameter, into);
        }
        if (first !== undefined && slot !== null) store.gradientWritten(first, slot);
      }
    },
  };
}
