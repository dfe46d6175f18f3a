import type { Attribute, Model, ValueInfo } from '../../../foundation/onnx/graph/graph.ts';
import { ELEMENT_TYPES } from '../../../foundation/onnx/graph/tensor.ts';
import type { ModelOutput } from '../../../serving/models/model-spec.ts';
import { ModelDraft } from '../graphs/model-draft.ts';

/** What the pooled graph gives. */
export const POOLED_OUTPUT = 'pooled_vectors';
const MASK = 'attention_mask';
/** Below every number that a layer gives, and finite. */
const LOWEST = -3e38;
const TO_FLOAT: Readonly<Record<string, Attribute>> = { to: { kind: 'int', value: ELEMENT_TYPES.float32.code } };

/**
 * The model with its pooling and scaling to length 1 in the graph: the same numbers as the encoder's own
 * (`serving/encoders/pool-vectors.ts`), for rows whose padding stands at the end.
 *
 * @param source the graph's output: `[batch, tokens, dimensions]`, or `[batch, dimensions]`, which is not pooled.
 */
export function poolTokens(
  model: Model,
  source: string,
  { pooling, normalized, dimensions }: Pick<ModelOutput, 'pooling' | 'normalized' | 'dimensions'>,
): Model {
  const rank = model.graph.outputs.find((output) => output.name === source)?.shape?.length ?? 3;
  const draft = new ModelDraft('pooling/', model);
  const pooled = rank === 2 || pooling === 'none' ? source : POOL[pooling](draft, source);
  const finished = draft.name(normalized ? unitLength(draft, pooled) : pooled, POOLED_OUTPUT);
  const { inputs } = model.graph;
  const readsMask = pooled !== source && pooling !== 'cls' && !inputs.some(({ name }) => name === MASK);
  const mask: ValueInfo = { name: MASK, type: 'int64', shape: ['batch', 'tokens'] };
  return draft.build({
    // A graph that knows no padding has no mask; the pooling needs one.
    inputs: readsMask ? [...inputs, mask] : inputs,
    outputs: [{ name: finished, type: 'float32', shape: ['batch', dimensions] }],
  });
}

const POOL = {
  cls: (draft: ModelDraft, tokens: string): string => draft.node('Gather', [tokens, firstIndex(draft)], AXIS_1),
  mean: (draft: ModelDraft, tokens: string): string => {
    const mask = floatMask(draft);
    const counted = draft.node('Mul', [tokens, draft.node('Unsqueeze', [mask, draft.ints([2])])]);
    return draft.node('Div', [draft.reduce('ReduceSum', counted, 1, false), draft.reduce('ReduceSum', mask, 1, true)]);
  },
  max: (draft: ModelDraft, tokens: string): string => {
    const counts = draft.node('Greater', [floatMask(draft), draft.scalar(0)]);
    const columns = draft.node('Unsqueeze', [counts, draft.ints([2])]);
    return draft.reduce('ReduceMax', draft.node('Where', [columns, tokens, draft.scalar(LOWEST)]), 1, false);
  },
  last: (draft: ModelDraft, tokens: string): string => {
    // The last token that counts is where the mask falls from 1 to 0.
    const mask = floatMask(draft);
    const end = draft.ints([Number.MAX_SAFE_INTEGER]);
    const tail = draft.node('Slice', [mask, draft.ints([1]), end, draft.ints([1])]);
    const nothing = draft.node('Mul', [sliceFirst(draft, mask), draft.scalar(0)]);
    const next = draft.node('Concat', [tail, nothing], { axis: { kind: 'int', value: 1 } });
    const chosen = draft.node('Unsqueeze', [draft.node('Sub', [mask, next]), draft.ints([2])]);
    return draft.reduce('ReduceSum', draft.node('Mul', [tokens, chosen]), 1, false);
  },
} as const;

const AXIS_1: Readonly<Record<string, Attribute>> = { axis: { kind: 'int', value: 1 } };

const firstIndex = (draft: ModelDraft): string =>
  draft.weight('pooling/first', { type: 'int64', dims: [], data: BigInt64Array.of(0n) });

const floatMask = (draft: ModelDraft): string => draft.node('Cast', [MASK], TO_FLOAT);

const sliceFirst = (draft: ModelDraft, mask: string): string =>
  draft.node('Slice', [mask, draft.ints([0]), draft.ints([1]), draft.ints([1])]);

/** Divides by the length; a length below 1e-12 counts as 1e-12. The floor stands under the root, which has no slope at 0. */
function unitLength(draft: ModelDraft, vectors: string): string {
  const squares = draft.reduce('ReduceSum', draft.node('Mul', [vectors, vectors]), 1, true);
  return draft.node('Div', [vectors, draft.node('Sqrt', [draft.node('Max', [squares, draft.scalar(1e-24)])])]);
}
