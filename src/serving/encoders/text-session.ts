import * as ort from 'onnxruntime-node';
import { StudioError } from '../../foundation/core/errors.ts';
import type { EncoderInput } from './encoder.ts';
import type { GraphSession } from './graph-session.ts';
import type { WorkerSetup } from './messages.ts';
import { openTokenizer } from './tokenizers/text-tokenizer.ts';
import type { ModelSession } from './worker-loop.ts';

/** Texts: tokenise, pad to the longest of the batch, run. */
export function createTextSession(graph: GraphSession, { spec }: WorkerSetup): ModelSession<readonly number[]> {
  const { encode, padId } = openTokenizer(spec.folder, spec.maxTokens);
  for (const input of graph.inputs) cellsOf(input.name, padId, [[padId]], 1);

  return {
    prepare(input: EncoderInput) {
      const ids = encode('text' in input ? input.text : '');
      // A graph needs at least one token to look at.
      const content = ids.length === 0 ? [padId] : ids;
      return { content, cost: content.length };
    },
    async run(rows) {
      const length = Math.max(...rows.map((row) => row.length));
      const feeds: Record<string, ort.Tensor> = {};
      for (const { name, type } of graph.inputs) {
        const cells = cellsOf(name, padId, rows, length);
        const data = type === 'int32' ? Int32Array.from(cells) : BigInt64Array.from(cells, BigInt);
        feeds[name] = new ort.Tensor(type === 'int32' ? 'int32' : 'int64', data, [rows.length, length]);
      }
      const mask = new Uint8Array(rows.length * length);
      rows.forEach((row, index) => void mask.fill(1, index * length, index * length + row.length));
      return { vectors: await graph.run(feeds, mask), faults: [] };
    },
  };
}

/** The values of an input of the graph, row by row. Throws `invalid_model` for an input that texts do not have. */
function cellsOf(name: string, padId: number, rows: ReadonlyArray<readonly number[]>, length: number): number[] {
  const fill = (inside: (row: readonly number[], column: number) => number, outside: number): number[] =>
    rows.flatMap((row) => Array.from({ length }, (_, column) => (column < row.length ? inside(row, column) : outside)));
  switch (name) {
    case 'input_ids':
      return fill((row, column) => row[column] as number, padId);
    case 'attention_mask':
      return fill(() => 1, 0);
    case 'token_type_ids':
      return fill(() => 0, 0);
    case 'position_ids':
      return fill((_, column) => column, 0);
    default:
      throw new StudioError('invalid_model', `The graph asks for an input "${name}" that texts do not have.`, {
        hint: 'Export the encoder part alone, with input_ids, attention_mask and at most token_type_ids and position_ids.',
      });
  }
}
