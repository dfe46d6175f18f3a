import type { Node } from '../../../foundation/onnx/graph/graph.ts';
import type { StaticGraph } from '../../../foundation/onnx/graph/static-graph.ts';
import { bytesPerElement, sizeOf } from '../../../foundation/onnx/graph/tensor.ts';

export interface MemoryEstimate {
  /** Most bytes of intermediate results that are alive at once. */
  readonly peakBytes: number;
  /** What they would need if each were kept to the end. */
  readonly keptBytes: number;
}

/** Operators whose result is their first input under other dimensions. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity']);

/**
 * Liveness analysis: every intermediate result lives from the node that makes it to the last one that reads it, nodes run in
 * the graph's order. Inputs, constants and outputs of the graph are not counted.
 */
export function estimateMemory(graph: StaticGraph): MemoryEstimate {
  const storage = storageNames(graph.nodes);
  const outside = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  for (const name of graph.constants.keys()) outside.add(name);
  const lastRead = new Map<string, number>();
  graph.nodes.forEach((node, place) => {
    for (const name of node.inputs) lastRead.set(storage(name), place);
  });
  const bytes = new Map<string, number>();
  let alive = 0;
  let peakBytes = 0;
  let keptBytes = 0;
  graph.nodes.forEach((node, place) => {
    for (const name of node.outputs) {
      const value = graph.values.get(name);
      if (value === undefined || storage(name) !== name || outside.has(name)) continue;
      const size = sizeOf(value.dims) * bytesPerElement(value.type);
      bytes.set(name, size);
      alive += size;
      keptBytes += size;
    }
    peakBytes = Math.max(peakBytes, alive);
    for (const name of new Set([...node.inputs, ...node.outputs].map(storage))) {
      if ((lastRead.get(name) ?? place) > place) continue;
      alive -= bytes.get(name) ?? 0;
      bytes.delete(name);
    }
  });
  return { peakBytes, keptBytes };
}

/** Which value's memory a value lies in. */
function storageNames(nodes: readonly Node[]): (name: string) => string {
  const source = new Map<string, string>();
  const storage = (name: string): string => source.get(name) ?? name;
  for (const node of nodes) {
    const [from] = node.inputs;
    const [to] = node.outputs;
    if (VIEWS.has(node.op) && from !== undefined && to !== undefined) source.set(to, storage(from));
  }
  return storage;
}
