import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { runSchema } from './runs.ts';
import { collectionParams, filterSchema } from './shapes.ts';

const MAX_INLINE_JUDGMENTS = 50_000;
const MAX_ARMS = 8;

const armSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    collection: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Another collection with the same items, under another model for example' })
      .optional(),
    mode: z.enum(['hybrid', 'vector', 'lexical']).optional(),
    lexicalWeight: z.number().min(0).max(1).optional(),
    memory: z.boolean().meta({ description: 'False leaves feedback memory out' }).optional(),
    filter: filterSchema,
  })
  .meta({ id: 'Arm' });

const judgmentSchema = z.strictObject({
  query: z.string().min(1).max(10_000),
  itemId: z.string().min(1).max(256),
  grade: z.number().min(0).max(100),
});

export const startEvaluation = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/evaluations',
  summary: 'Ask judged queries of one or several ways to search and compare them, as a run',
  tag: 'Evaluation',
  params: collectionParams,
  body: z
    .strictObject({
      judgments: z
        .union([
          z.strictObject({ set: z.string().min(1).max(64) }),
          z.array(judgmentSchema).min(1).max(MAX_INLINE_JUDGMENTS),
        ])
        .meta({ description: 'The name of a set, or the judgments themselves' }),
      arms: z.array(armSchema).min(1).max(MAX_ARMS).meta({ description: 'The first is the baseline' }),
      metrics: z
        .array(z.string().min(1).max(30))
        .min(1)
        .max(10)
        .meta({ description: 'ndcg@10, mrr@10 and recall@10 when left out; queries are compared by the first' })
        .optional(),
      unjudged: z
        .enum(['zero', 'skipped'])
        .meta({ description: 'Hits without a judgment are not relevant (zero, the default) or not there (skipped)' })
        .optional(),
      gain: z.enum(['linear', 'exponential']).optional(),
      relevantFrom: z
        .number()
        .min(0)
        .max(100)
        .meta({ description: 'Lowest grade that counts as relevant; every grade above 0 when left out' })
        .optional(),
      seed: z.int().min(0).max(2_147_483_647).optional(),
    })
    .meta({ id: 'EvaluationRequest' }),
  status: 202,
  timeoutSeconds: 120,
  response: runSchema,
  errors: [
    ...(['collection_not_found', 'judgment_set_not_found', 'invalid_judgment', 'no_index'] as const),
    ...(['invalid_filter', 'filter_too_deep', 'field_not_found', 'field_not_filterable'] as const),
  ],
});
