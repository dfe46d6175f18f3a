import { z } from 'zod';
import { CLICK_MODELS } from '../../../learning/judgments/click-models/click-model-names.ts';
import { TRAINING_RECIPES } from '../../../learning/training/runs/training-request.ts';
import { endpoint } from './endpoint.ts';
import { runSchema } from './runs.ts';
import { collectionParams } from './shapes.ts';

const MAX_SETS = 10;
const moment = z.iso.datetime({ offset: true });
const share = z.number().min(0).max(0.5);

const sourceSchema = z
  .strictObject({ batchId: z.uuid().optional(), from: moment.optional(), to: moment.optional() })
  .refine(
    ({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to),
    'must have "from" before "to"',
  )
  .meta({ description: 'Part of the log; all of it when left out' });

export const startTraining = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/training-runs',
  summary: 'Begin a run that trains a model of what was clicked, or rated',
  tag: 'Models',
  params: collectionParams,
  body: z
    .strictObject({
      recipe: z.enum(TRAINING_RECIPES).meta({
        description: 'What is trained: query-adapter keeps the index, encoder is the whole model',
      }),
      source: sourceSchema.optional(),
      sets: z
        .array(z.string().min(1).max(64))
        .max(MAX_SETS)
        .meta({ description: 'Sets of judgments to train from too; where several have a pair, the first is heard' })
        .optional(),
      control: z
        .boolean()
        .meta({ description: 'Deals the clicks of each position to random pages: the click-blind twin' })
        .optional(),
      name: z
        .string()
        .refine(
          (name) => /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name),
          'must be 1 to 100 lower-case letters, digits, ., - and _, beginning with a letter or digit',
        )
        .meta({ description: 'Of the new model', pattern: '^[a-z0-9][a-z0-9._-]{0,99}$' })
        .optional(),
      model: z
        .string()
        .min(1)
        .max(200)
        .meta({ description: "To begin with; the collection's text model when left out" })
        .optional(),
      seed: z.int().min(0).max(2_147_483_647).optional(),
      steps: z.int().min(1).max(100_000).optional(),
      epochs: z.number().positive().max(1000).meta({ description: 'In the place of steps' }).optional(),
      batch: z.int().min(2).max(4096).meta({ description: 'Pairs in a batch' }).optional(),
      learningRate: z.number().positive().max(1).optional(),
      rank: z.int().min(1).max(1024).meta({ description: 'Of an adapter, or of LoRA' }).optional(),
      patience: z
        .int()
        .min(0)
        .max(100)
        .meta({
          description:
            'Ends it when so many evaluations in a row were no better, and keeps the best weights; 0, the default, never',
        })
        .optional(),
      checkpointEvery: z.int().min(1).max(100_000).meta({ description: 'Steps between checkpoints' }).optional(),
      threads: z.int().min(1).max(256).meta({ description: 'That compute; all but one when left out' }).optional(),
      clickModels: z
        .array(z.enum(CLICK_MODELS))
        .min(1)
        .max(CLICK_MODELS.length)
        .meta({ description: 'To choose from, by held-out perplexity; position-based when left out' })
        .optional(),
      halfLifeDays: z
        .number()
        .min(0.1)
        .max(36_500)
        .meta({ description: 'A page counts half as much for each of them; 90 when left out' })
        .optional(),
      anonymity: z
        .int()
        .min(1)
        .max(1000)
        .meta({ description: 'Queries that fewer clients asked are left out; 1 when left out' })
        .optional(),
      split: z
        .strictObject({
          by: z
            .enum(['query', 'time'])
            .meta({ description: 'time holds out the queries that were first asked last' })
            .optional(),
          validation: share.meta({ description: 'Share of the queries that training is stopped by; 0.1' }).optional(),
          heldOut: share.meta({ description: 'Share of the queries that training never sees; 0.1' }).optional(),
        })
        .optional(),
      caps: z
        .strictObject({
          perQuery: z.int().min(1).max(1000).meta({ description: 'Right items of a query; 20' }).optional(),
          perClient: z.int().min(1).max(1_000_000).meta({ description: 'Searches of a client; 1000' }).optional(),
          negatives: z.int().min(0).max(1000).meta({ description: 'Wrong items of a query; 20' }).optional(),
        })
        .optional(),
      hardNegatives: z
        .strictObject({ perQuery: z.int().min(0).max(50), queries: z.int().min(1).max(10_000).optional() })
        .meta({ description: 'Further wrong items, found by searching; for 500 queries when left out' })
        .optional(),
      catalogue: z
        .int()
        .min(0)
        .max(50_000)
        .meta({ description: 'Items of the catalogue that serve as negatives; 5000, and 0 for adapters' })
        .optional(),
    })
    .refine(
      ({ steps, epochs }) => steps === undefined || epochs === undefined,
      'must have "steps" or "epochs", not both',
    )
    .meta({ id: 'TrainingRequest' }),
  status: 202,
  response: runSchema,
  errors: [
    ...(['collection_not_found', 'batch_not_found', 'judgment_set_not_found', 'model_not_found'] as const),
    ...(['invalid_model', 'model_download_failed', 'invalid_training', 'overloaded'] as const),
  ],
});
