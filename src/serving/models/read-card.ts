import { z } from 'zod';
import type { ModelFiles } from './model-files.ts';
import { type ModelOutput, type ModelSpec, ownSpace } from './model-spec.ts';

const dimensions = z.number().int().positive().max(65_536);
const outputSchema = z.object({
  name: z.string().min(1).optional(),
  pooling: z.enum(['mean', 'cls', 'last', 'max', 'none']).optional(),
  normalize: z.boolean().optional(),
  normalized: z.boolean().optional(),
  dimensions,
  space: z.string().min(1).optional(),
  for: z.string().optional(),
});

/** Our own card; keys that are for readers (licence, metrics, recipe) pass unread. */
export const cardSchema = z.looseObject({
  modality: z.enum(['text', 'image']),
  output: outputSchema.optional(),
  outputs: z.record(z.string(), outputSchema).optional(),
  maxTokens: z.number().int().min(3).optional(),
  prefixes: z.object({ query: z.string().optional(), item: z.string().optional() }).optional(),
});
type Card = z.infer<typeof cardSchema>;

/**
 * Outputs in order of preference: the one that the card declares for "image to image" (or "text to text") comes first,
 * because two pictures are told apart better by what they look like than by the words that come close to them.
 *
 * Throws `invalid_model`.
 */
export function specOfCard(files: ModelFiles, onnxFile: string, card: Card): ModelSpec {
  const declared =
    card.outputs ?? (card.output === undefined ? {} : { [card.output.name ?? 'sentence_embedding']: card.output });
  const within = `${card.modality} to ${card.modality}`;
  const isWithin = (output: Card['output']): number => Number(output?.for?.startsWith(within) === true);
  const ordered = Object.entries(declared).sort(([, left], [, right]) => isWithin(right) - isWithin(left));
  const outputs = ordered.map(
    ([name, output]): ModelOutput => ({
      name,
      dimensions: output.dimensions,
      space: output.space ?? ownSpace(files.id, name),
      normalized: output.normalize ?? output.normalized ?? false,
      pooling: output.pooling ?? 'none',
    }),
  );
  if (outputs.length === 0) {
    throw files.invalid(
      `${files.folder}/card.json declares no output.`,
      'Add "output": {"name": "last_hidden_state", "pooling": "mean", "normalize": true, "dimensions": 384}.',
    );
  }
  return {
    id: files.id,
    folder: files.folder,
    modality: card.modality,
    onnxFile,
    outputs,
    maxTokens: card.maxTokens ?? 512,
    prefixes: { query: card.prefixes?.query ?? '', item: card.prefixes?.item ?? '' },
    pooledByGraph: false,
    card,
  };
}
