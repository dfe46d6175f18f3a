import type { Graph, Model, Node, ValueInfo } from '../graph/graph.ts';
import { sizeOf, type Tensor } from '../graph/tensor.ts';
import { writeModel } from '../model-file/write-model.ts';
import { openSession, type Session } from '../session/open-session.ts';

/** Weights of more elements are fed instead of being written into the file that onnxruntime parses. */
const FED_ELEMENTS = 1024;

/** Initializers as a session takes them: the small ones in the graph, the large ones as inputs with their values. */
export interface FedConstants {
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly ValueInfo[];
  readonly feeds: Readonly<Record<string, Tensor>>;
}

export function feedLarge(constants: ReadonlyMap<string, Tensor>): FedConstants {
  const isLarge = ([, tensor]: [string, Tensor]): boolean =>
    sizeOf(tensor.dims) > FED_ELEMENTS && tensor.type !== 'bfloat16';
  const large = [...constants].filter(isLarge);
  return {
    initializers: new Map([...constants].filter((entry) => !isLarge(entry))),
    inputs: large.map(([name, { type, dims }]) => ({ name, type, shape: dims })),
    feeds: Object.fromEntries(large),
  };
}

/** Opens nodes of a model as they are, without optimisation; for looking at values, not for speed. */
export function openAsIs(
  model: Model,
  graph: Pick<Graph, 'inputs' | 'outputs' | 'initializers'> & { readonly nodes: readonly Node[] },
): Promise<Session> {
  const { irVersion, opsets, producer } = model;
  const bytes = writeModel({
    irVersion,
    opsets,
    producer,
    metadata: new Map(),
    graph: { name: 'graph', ...graph },
  });
  return openSession(bytes, { optimization: 'disabled' });
}
