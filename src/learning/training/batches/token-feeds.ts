import { StudioError } from '../../../foundation/core/errors.ts';
import type { ValueInfo } from '../../../foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';

/** Texts as the graph reads them. */
export interface TokenRows {
  readonly rows: ReadonlyArray<readonly number[]>;
  readonly padId: number;
}

/** What a text graph may ask for, cell by cell; null outside the text. */
const CELLS: Readonly<Record<string, (ids: readonly number[], column: number) => number>> = {
  input_ids: (ids, column) => ids[column] as number,
  attention_mask: () => 1,
  token_type_ids: () => 0,
  position_ids: (_, column) => column,
};

/**
 * The inputs of a text graph, `[rows, length]` each, padded at the end as the encoder does.
 *
 * @throws StudioError `invalid_model` for an input that texts do not have.
 */
export function tokenFeeds(
  inputs: readonly ValueInfo[],
  { rows, padId }: TokenRows,
  length: number,
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const cell = CELLS[name];
      if (cell === undefined) {
        throw new StudioError('invalid_model', `The graph asks for an input "${name}" that texts do not have.`, {
          hint: 'Export the encoder part alone, with input_ids, attention_mask and at most token_type_ids and position_ids.',
        });
      }
      const outside = name === 'input_ids' ? padId : 0;
      const dims = [rows.length, length];
      const valueAt = (place: number): number => {
        const ids = rows[Math.floor(place / length)] as readonly number[];
        const column = place % length;
        return column < ids.length ? cell(ids, column) : outside;
      };
      const count = rows.length * length;
      const tensor: Tensor =
        type === 'int32'
          ? { type, dims, data: Int32Array.from({ length: count }, (_, place) => valueAt(place)) }
          : { type: 'int64', dims, data: BigInt64Array.from({ length: count }, (_, place) => BigInt(valueAt(place))) };
      return [name, tensor];
    }),
  );
}
