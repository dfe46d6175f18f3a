import type { Model } from '../../../src/foundation/onnx/graph/graph.ts';
import { poolTokens } from '../../../src/learning/training/pooling/pool-tokens.ts';
import { firstOutput, loadEncoder, sourceOf } from '../../../src/learning/training/sources/load-encoder.ts';
import { tokenise } from '../../../src/learning/training/sources/tokenise.ts';
import { tokenContents } from '../../../src/learning/training/towers/contents.ts';
import { type InputDims, TowerGraph } from '../../../src/learning/training/towers/tower-graph.ts';
import type { Feeds, PeerWeight } from './training-case.ts';

export interface OpenEncoder {
  readonly tower: TowerGraph;
  readonly weights: readonly PeerWeight[];
  readonly trainable: readonly string[];
  readonly inputs: Model['graph']['inputs'];
  dims(rows: number, tokens: number): InputDims;
  feeds(side: 'query' | 'item', texts: readonly string[], tokens: number): Feeds;
}

/** A text encoder with mean pooling and unit length, all of whose weights are to be trained. */
export async function openEncoder(folder: string): Promise<OpenEncoder> {
  const encoder = await loadEncoder(folder);
  const output = firstOutput(encoder);
  const model = poolTokens(encoder.model, sourceOf(encoder, output), output);
  const weights = peerWeights(model);
  const trainable = weights.map(({ ours }) => ours);
  const { inputs } = model.graph;
  return {
    tower: new TowerGraph(model, new Set(trainable)),
    weights,
    trainable,
    inputs,
    dims: (rows, tokens) => Object.fromEntries(inputs.map(({ name }) => [name, [rows, tokens]])),
    feeds(side, texts, tokens) {
      const contents = tokenContents(inputs, tokenise(encoder.spec, texts, side, tokens));
      return contents.feeds([...texts.keys()], tokens) as Feeds;
    },
  };
}

/** The weights of a BERT-like graph under the names of transformers' BertModel. */
export function peerWeights({ graph }: Model): PeerWeight[] {
  const plain = (name: string): string => name.replace(/^(?:[sm]\.)+/, '');
  const readers = new Map(graph.nodes.flatMap((node) => node.inputs.map((input) => [input, node] as const)));
  return [...graph.initializers].flatMap(([ours, tensor]): PeerWeight[] => {
    if (tensor.type !== 'float32' || tensor.data.length === 1) return [];
    if (/\.(weight|bias)$/.test(ours)) return [{ name: plain(ours), ours, transposed: false, tensor }];
    // Exporters name a dense layer's matrix after nothing; its bias, which the next node adds, has the name.
    const product = readers.get(ours)?.outputs[0] ?? '';
    const bias = readers.get(product)?.inputs.find((input) => input.endsWith('.bias'));
    if (bias === undefined) throw new Error(`the weight "${ours}" has no bias that would name it`);
    return [{ name: plain(bias).replace(/bias$/, 'weight'), ours, transposed: true, tensor }];
  });
}
