import { GraphBuilder } from '../../../foundation/onnx/graph/graph-builder.ts';
import type { Value } from '../../../foundation/onnx/graph/static-graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import type { Parameter } from '../../../foundation/onnx/optimizers/parameter.ts';
import type { ParameterStore } from '../../../foundation/onnx/optimizers/parameter-store.ts';
import { cutTables } from './cut-tables.ts';
import { TableReader } from './table-reader.ts';

/** A graph whose trained weights have become inputs that are fed from the store. */
export interface BoundWeights {
  /** To go on with: the weights are inputs, look-ups in trained tables are taken out. */
  readonly builder: GraphBuilder;
  /** Inputs that hold a whole weight. */
  readonly whole: readonly Value[];
  /** Inputs that hold rows of a table, in the tables' order. */
  readonly rows: readonly Value[];
  readonly parameters: readonly Parameter[];
  readonly tables: readonly TableReader[];
  /** What to feed for a batch: its own inputs, the weights, the rows it reads; only what the session asks for. */
  feeds(batch: Readonly<Record<string, Tensor>>, asked: ReadonlySet<string>): Record<string, Tensor>;
}

/** The store takes the values of weights that it does not have yet from the graph. The given builder stays as it is. */
export function bindWeights(builder: GraphBuilder, store: ParameterStore, trainable: readonly string[]): BoundWeights {
  const present = trainable.filter((name) => builder.has(name));
  for (const name of present) if (!store.has(name)) store.add(name, constantOf(builder, name));
  const cut = cutTables(builder.build([]), present);
  const byRows = new Set(cut.reads.map((read) => read.table));
  const work = new GraphBuilder(cut.graph);
  const whole = present.filter((name) => !byRows.has(name)).map((name) => asInput(work, name));
  const tables = cut.reads.map((read) => new TableReader(read, store));
  return {
    builder: work,
    whole,
    rows: cut.reads.map((read) => read.rows),
    parameters: whole.map(({ name }) => store.parameter(name)),
    tables,
    feeds(batch, asked) {
      for (const table of tables) table.gather(batch);
      const all = {
        ...batch,
        ...Object.fromEntries(whole.map(({ name, dims }) => [name, float32(dims, store.value(name))])),
        ...Object.fromEntries(tables.map(({ input, fed }) => [input, fed])),
      };
      return Object.fromEntries(Object.entries(all).filter(([name]) => asked.has(name)));
    },
  };
}

function constantOf(builder: GraphBuilder, name: string): Tensor {
  const constant = builder.constantOf(builder.value(name));
  if (constant === undefined) throw new Error(`"${name}" is neither a constant of the graph nor in the store`);
  return constant;
}

const asInput = (builder: GraphBuilder, name: string): Value =>
  builder.constantOf(builder.value(name)) === undefined ? builder.value(name) : builder.promote(name);
