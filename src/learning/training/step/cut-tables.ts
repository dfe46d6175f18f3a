import type { Node } from '../../../foundation/onnx/graph/graph.ts';
import { intAttribute } from '../../../foundation/onnx/graph/graph.ts';
import type { StaticGraph, Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { numbersOf, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';

/** A look-up in a trained table, taken out of the graph: its result has become an input. */
export interface TableRead {
  readonly table: string;
  /** What the look-up gave: row after row of the table. */
  readonly rows: Value;
  /** Where the row numbers come from: an input of the graph, or known beforehand. */
  readonly ids: string | readonly number[];
}

export interface CutGraph {
  readonly graph: StaticGraph;
  readonly reads: readonly TableRead[];
}

/** Operators that pass row numbers on in the same order. */
const PASSES_ON: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/**
 * Takes look-ups (Gather along the first axis) in trained tables out of the graph, so that only the rows that a batch reads
 * are fed, get a gradient, and are updated. A table that is also used otherwise, as a tied output layer is, stays whole; so does
 * one whose row numbers the graph computes.
 */
export function cutTables(graph: StaticGraph, trainable: readonly string[]): CutGraph {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const reads: TableRead[] = [];
  for (const table of trainable) {
    if (graph.values.get(table)?.dims.length !== 2) continue;
    const readers = graph.nodes.filter((node) => node.inputs.includes(table));
    const found = readers.map((node) => readOf(graph, node, table, producers));
    if (found.every((read) => read !== null)) reads.push(...found);
  }
  const cut = new Set(reads.map((read) => read.rows.name));
  const tables = new Set(reads.map((read) => read.table));
  return {
    reads,
    graph: {
      ...graph,
      nodes: graph.nodes.filter((node) => !cut.has(node.outputs[0] as string)),
      constants: new Map([...graph.constants].filter(([name]) => !tables.has(name))),
      inputs: [...graph.inputs.filter(({ name }) => !tables.has(name)), ...reads.map((read) => read.rows)],
    },
  };
}

function readOf(graph: StaticGraph, node: Node, table: string, producers: ReadonlyMap<string, Node>): TableRead | null {
  const [data, ids] = node.inputs;
  const rows = graph.values.get(node.outputs[0] ?? '');
  if (node.op !== 'Gather' || data !== table || ids === undefined || ids === table || rows === undefined) return null;
  if (intAttribute(node, 'axis', 0) !== 0) return null;
  const source = sourceOf(graph, ids, producers);
  return source === null ? null : { table, rows, ids: source };
}

function sourceOf(
  graph: StaticGraph,
  name: string,
  producers: ReadonlyMap<string, Node>,
): string | readonly number[] | null {
  const constant = graph.constants.get(name);
  if (constant !== undefined) return numbersOf(constant);
  const node = producers.get(name);
  if (node === undefined) return graph.inputs.some((input) => input.name === name) ? name : null;
  const [first] = node.inputs;
  return PASSES_ON.has(node.op) && first !== undefined ? sourceOf(graph, first, producers) : null;
}

/** Row numbers of a read; negative ones count from the end, as Gather has it. */
export function rowNumbers(
  read: TableRead,
  feeds: Readonly<Record<string, Tensor>>,
  rows: number,
): Int32Array<ArrayBuffer> {
  const ids = typeof read.ids === 'string' ? idsOf(feeds[read.ids], read.ids) : read.ids;
  const numbers = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = Number(ids[i]);
    const row = id < 0 ? id + rows : id;
    if (!(row >= 0 && row < rows))
      throw new Error(`the table "${read.table}" has ${rows} rows, and row ${id} is asked for`);
    numbers[i] = row;
  }
  return numbers;
}

function idsOf(tensor: Tensor | undefined, name: string): ArrayLike<number | bigint> {
  if (tensor === undefined) throw new Error(`the batch has no "${name}"`);
  return tensor.data;
}
