import { block, text, unsigned, vector } from './encoding.ts';
import { VALUE_TYPES, type ValueType } from './instructions.ts';

/** One exported function. Locals are numbered after the parameters. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly code: readonly number[];
}

const section = (id: number, bytes: readonly number[]): number[] => [id, ...block(bytes)];
const types = (list: readonly ValueType[]): number[] => vector(list.map((type) => [VALUE_TYPES[type]]));

/** The bytes of a module that imports its memory as `env.memory` and exports the functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const signatures = functions.map((each) => [0x60, ...types(each.parameters), ...types(each.results)]);
  const importedMemory = [...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(0)];
  const exported = functions.map((each, index) => [...text(each.name), 0x00, ...unsigned(index)]);
  const bodies = functions.map((each) =>
    block([...vector(each.locals.map((type) => [1, VALUE_TYPES[type]])), ...each.code, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(signatures)),
    ...section(2, vector([importedMemory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exported)),
    ...section(10, vector(bodies)),
  ]);
}
