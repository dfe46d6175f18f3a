import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { ModelDraft } from '../graphs/model-draft.ts';
import { poolTokens } from '../pooling/pool-tokens.ts';
import { firstOutput, type LoadedEncoder } from '../sources/load-encoder.ts';
import { tokenise } from '../sources/tokenise.ts';
import type { Watch } from '../sources/watch.ts';
import { tokenContents } from '../towers/contents.ts';
import { TowerGraph } from '../towers/tower-graph.ts';
import { withWeights } from './encoder-trainee.ts';
import { tokenVectors } from './token-vectors.ts';
import type { Trainee } from './trainee.ts';

const TABLE = 'token_table';

/**
 * One vector per token, averaged: an encoder without layers, hundreds of times as fast. It begins with what the given
 * encoder makes of each token alone.
 * Tulkens and van Dongen 2024, "Model2Vec"; Arora, Liang, Ma 2017 for why the average is a strong baseline.
 */
export async function tokenTableTrainee(
  encoder: LoadedEncoder,
  { maxTokens, watch = {} }: { readonly maxTokens?: number; readonly watch?: Watch } = {},
): Promise<Trainee> {
  const { dimensions } = firstOutput(encoder);
  const table = await tokenVectors(encoder, watch);
  const parameters = new Map<string, Tensor>([[TABLE, table]]);
  const model = tableModel(table);
  const output = { name: 'token_embeddings', pooling: 'mean', normalized: true, dimensions } as const;
  const pooled = poolTokens(model, output.name, output);
  const tower = new TowerGraph(pooled, new Set([TABLE]));
  return {
    parameters,
    movesItems: true,
    side: async (texts, side) => ({
      tower,
      contents: tokenContents(pooled.graph.inputs, tokenise(encoder.spec, texts, side, maxTokens)),
    }),
    result: (values) => [
      { folder: '', model: withWeights(model, values), outputs: [{ ...output, space: 'trained' }], queriesOnly: false },
    ],
  };
}

/** From input_ids to the tokens' vectors. */
function tableModel(table: Tensor): Model {
  const draft = new ModelDraft('table/');
  const width = table.dims[1] as number;
  draft.name(draft.node('Gather', [draft.weight(TABLE, table), 'input_ids']), 'token_embeddings');
  const ids = ['batch', 'tokens'];
  return draft.build({
    inputs: [{ name: 'input_ids', type: 'int64', shape: ids }],
    outputs: [{ name: 'token_embeddings', type: 'float32', shape: [...ids, width] }],
  });
}
