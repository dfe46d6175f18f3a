import { StudioError } from '../../foundation/core/errors.ts';
import type { CollectionSettings } from '../collections/evolve-schema.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { IndexRow, NewIndex } from './indexes-queries.ts';

export type LoadEncoder = (modelId: string) => Promise<Encoder>;

/** pgvector: HNSW takes up to 2,000 dimensions as vector and up to 4,000 as halfvec. */
const MAX_HNSW_VECTOR_DIMENSIONS = 2000;
const MAX_HNSW_HALFVEC_DIMENSIONS = 4000;

/**
 * The indexes that a collection's schema asks for: one for each output of each model that has something to read, and
 * one lexical index if any field is searched by word. Loads the models. Throws `model_not_found`, `invalid_model`.
 */
export async function planIndexes(settings: CollectionSettings, loadEncoder: LoadEncoder): Promise<NewIndex[]> {
  const fields = Object.values(settings.fields);
  const planned: NewIndex[] = [];
  for (const modality of ['text', 'image'] as const) {
    const isRead = fields.some((field) => field.embed === true && (field.type === 'image') === (modality === 'image'));
    const modelId = settings.models[modality];
    if (!isRead || modelId === undefined) continue;
    const encoder = await loadEncoder(modelId);
    if (encoder.modality !== modality) {
      throw new StudioError('invalid_model', `The model "${modelId}" reads ${encoder.modality}, not ${modality}.`);
    }
    for (const output of encoder.outputs) {
      const halved = output.dimensions > MAX_HNSW_VECTOR_DIMENSIONS && output.dimensions <= MAX_HNSW_HALFVEC_DIMENSIONS;
      planned.push({
        kind: 'vector',
        modelId,
        output: output.name,
        space: output.space,
        dimensions: output.dimensions,
        storage: halved ? 'halfvec' : 'vector',
      });
    }
  }
  if (fields.some((field) => field.lexical !== undefined && field.lexical !== false)) {
    planned.push({ kind: 'lexical', modelId: null, output: null, space: null, dimensions: null, storage: null });
  }
  return planned;
}

export const isPlanned = (row: IndexRow, planned: NewIndex): boolean =>
  row.kind === planned.kind && row.model_id === planned.modelId && row.output === planned.output;
