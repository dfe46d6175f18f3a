import type { Tensor } from '../../../foundation/onnx/graph/tensor.ts';
import { chainModels } from '../graphs/chain-models.ts';
import { ModelDraft } from '../graphs/model-draft.ts';
import { POOLED_OUTPUT, poolTokens } from '../pooling/pool-tokens.ts';
import type { FrozenEncoder } from '../sources/frozen-encoder.ts';
import { firstOutput, type LoadedEncoder, sourceOf } from '../sources/load-encoder.ts';
import { arrayContents } from '../towers/contents.ts';
import { TowerGraph } from '../towers/tower-graph.ts';
import { ADAPTER_INPUT, ADAPTER_OUTPUT, type AdapterKind, adapterModel } from './adapter.ts';
import { withWeights } from './encoder-trainee.ts';
import type { SideName } from './side-name.ts';
import type { TrainedModel, Trainee } from './trainee.ts';

export interface AdapterChoice {
  readonly kind: AdapterKind;
  /** Rank of the low-rank map, width of the hidden layer. */
  readonly width: number;
  /** The query's vectors alone, so that the index stays; or both sides, each with an adapter of its own. */
  readonly sides: 'query' | 'both';
  readonly seed: number;
}

/**
 * Small models behind the frozen encoder. It encodes each text once, before the first step; a step costs milliseconds.
 *
 * @param frozen the same encoder as it is served.
 */
export function adapterTrainee(encoder: LoadedEncoder, frozen: FrozenEncoder, choice: AdapterChoice): Trainee {
  const output = firstOutput(encoder);
  const { dimensions } = output;
  const adapted = (name: SideName): boolean => name === 'query' || choice.sides === 'both';
  const adapters = {
    query: adapterModel({ ...choice, dimensions, name: 'query' }),
    item: adapterModel({ ...choice, dimensions, name: 'item', seed: choice.seed + 1 }),
  };
  const parameters = new Map<string, Tensor>([
    ...adapters.query.parameters,
    ...(choice.sides === 'both' ? adapters.item.parameters : []),
  ]);
  const keep = new Set(parameters.keys());
  const towers = {
    query: new TowerGraph(adapters.query.model, keep),
    item: new TowerGraph(adapted('item') ? adapters.item.model : passThrough(dimensions), keep),
  };
  return {
    parameters,
    movesItems: choice.sides === 'both',
    side: async (texts, side) => ({
      tower: towers[side],
      contents: arrayContents(ADAPTER_INPUT, [dimensions], await frozen.vectors(texts, side)),
    }),
    result(values) {
      const pooled = poolTokens(encoder.model, sourceOf(encoder, output), output);
      const folded = (side: SideName, folder: TrainedModel['folder']): TrainedModel => {
        const adapter = withWeights(adapters[side].model, values);
        return {
          folder,
          model: chainModels(pooled, POOLED_OUTPUT, adapter),
          outputs: [
            {
              name: ADAPTER_OUTPUT,
              pooling: 'none',
              normalized: true,
              dimensions,
              space: choice.sides === 'both' ? 'trained' : 'kept',
            },
          ],
          queriesOnly: side === 'query',
          beside: { [`${side}-adapter.onnx`]: adapter },
        };
      };
      return choice.sides === 'query' ? [folded('query', '')] : [folded('item', ''), folded('query', 'query')];
    },
  };
}

/** Frozen vectors stay as they are. */
function passThrough(dimensions: number) {
  const draft = new ModelDraft('frozen/');
  const shape = ['batch', dimensions];
  draft.name(ADAPTER_INPUT, ADAPTER_OUTPUT);
  return draft.build({
    inputs: [{ name: ADAPTER_INPUT, type: 'float32', shape }],
    outputs: [{ name: ADAPTER_OUTPUT, type: 'float32', shape }],
  });
}
