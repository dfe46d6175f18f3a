import type { Graph } from '../graph/graph.ts';
import type { GraphProto } from '../proto/onnx_pb.js';

/** What the readers of parts need from the reader of the whole. */
export interface ReadContext {
  /** Whether the file's bytes are ours to rearrange. */
  readonly ownBytes: boolean;
  /** Reads the body of a control flow node. */
  graph(message: GraphProto): Graph;
}
