import { createRandom } from '../../../foundation/core/random.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { float32, type Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { ModelDraft } from '../graphs/model-draft.ts';
import { gaussian } from './gaussian.ts';

/** What stands between the encoder's vector and the adapted one. All begin as the identity. */
export type AdapterKind = 'linear' | 'low-rank' | 'mlp';

export interface AdapterOptions {
  readonly kind: AdapterKind;
  readonly dimensions: number;
  /** Rank of the low-rank map, width of the hidden layer; a linear one has none. */
  readonly width: number;
  readonly seed: number;
  /** Stands before the names of the weights: two towers have one adapter each. */
  readonly name: string;
}

export const ADAPTER_INPUT = 'vectors';
export const ADAPTER_OUTPUT = 'sentence_embedding';

/**
 * A small model from vectors to vectors of length 1, `[batch, dimensions]` both:
 * - `linear` v + v·W + c, W zero at first;
 * - `low-rank` v + (v·A)·B, A from N(0, 1/dimensions), B zero at first (the shape of Hu et al. 2022);
 * - `mlp` v + relu(v·A + b)·B + c, B zero at first (Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP").
 *
 * A query-side linear map over a frozen encoder is what Chroma's technical report (Sanders 2023, "Embedding Adapters")
 * measured.
 */
export function adapterModel(options: AdapterOptions): { model: Model; parameters: ReadonlyMap<string, Tensor> } {
  const { kind, dimensions, width, name } = options;
  const draft = new ModelDraft(`${name}/`);
  const random = createRandom(options.seed);
  const parameters = new Map<string, Tensor>();
  const weight = (stem: string, dims: readonly number[], deviation: number): string => {
    const count = dims.reduce((product, size) => product * size, 1);
    const tensor = float32(dims, deviation === 0 ? new Float32Array(count) : gaussian(count, deviation, random));
    parameters.set(`${name}.${stem}`, tensor);
    return draft.weight(`${name}.${stem}`, tensor);
  };
  const down = (): string =>
    draft.node('MatMul', [ADAPTER_INPUT, weight('a', [dimensions, width], dimensions ** -0.5)]);
  const up = (hidden: string): string => draft.node('MatMul', [hidden, weight('b', [width, dimensions], 0)]);
  const change = {
    linear: () =>
      draft.node('Add', [
        draft.node('MatMul', [ADAPTER_INPUT, weight('w', [dimensions, dimensions], 0)]),
        weight('c', [dimensions], 0),
      ]),
    'low-rank': () => up(down()),
    mlp: () => {
      const hidden = draft.node('Relu', [draft.node('Add', [down(), weight('bias', [width], 0)])]);
      return draft.node('Add', [up(hidden), weight('c', [dimensions], 0)]);
    },
  }[kind]();
  const moved = draft.node('Add', [ADAPTER_INPUT, change]);
  const squares = draft.reduce('ReduceSum', draft.node('Mul', [moved, moved]), 1, true);
  const length = draft.node('Sqrt', [draft.node('Max', [squares, draft.scalar(1e-24)])]);
  draft.name(draft.node('Div', [moved, length]), ADAPTER_OUTPUT);
  const model = draft.build({
    inputs: [{ name: ADAPTER_INPUT, type: 'float32', shape: ['batch', dimensions] }],
    outputs: [{ name: ADAPTER_OUTPUT, type: 'float32', shape: ['batch', dimensions] }],
  });
  return { model: { ...model, graph: { ...model.graph, name } }, parameters };
}
