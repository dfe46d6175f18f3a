import { z } from 'zod';
import { CLICK_MODELS } from '../../../learning/judgments/click-models/click-model-names.ts';
import { endpoint } from './endpoint.ts';
import { runSchema } from './runs.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

/** Most judgments of one JSON request; streams of lines have no such limit. */
const MAX_JUDGMENTS = 10_000;

/** Name of a set, up to 64 characters. */
const setName = z
  .string()
  .refine(
    (name) => /^[a-z][a-z0-9_-]{0,63}$/.test(name),
    'must be 1 to 64 lower-case letters, digits, - and _, beginning with a letter',
  )
  .meta({ pattern: '^[a-z][a-z0-9_-]{0,63}$' });
/** `clicks:…` is kept for what clicks say. */
const provenance = z
  .string()
  .max(100)
  .refine(
    (text) => /^(rating|import):\S(.*\S)?$/.test(text),
    'must be like "rating:anna" or "import:file": who has judged, or where it comes from',
  )
  .meta({ description: 'Who has judged: rating:<who>, or import:<what>', examples: ['rating:anna', 'import:file'] });
const queryText = z.string().min(1).max(10_000);

const judgmentInput = z
  .strictObject({
    query: queryText.refine((text) => text.trim() !== '', 'must have more than blanks'),
    itemId: z.string().min(1).max(256),
    grade: z.number().min(0).max(100).meta({ description: 'On the scale of the set, 0 is worst' }),
    weight: z.number().positive().max(1000).meta({ description: '1 when left out' }).optional(),
  })
  .meta({ id: 'JudgmentInput' });

export const putJudgments = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/judgments',
  summary: 'Add or replace judgments: JSON, or lines of query TAB item TAB grade [TAB weight]',
  tag: 'Feedback',
  params: collectionParams,
  // A stream has nowhere else to say it; in JSON the body goes first.
  query: z.strictObject({ set: setName.optional(), provenance: provenance.optional() }),
  body: z.strictObject({
    set: setName.meta({ description: 'ratings when left out' }).optional(),
    provenance: provenance.optional(),
    judgments: z.array(judgmentInput).max(MAX_JUDGMENTS),
  }),
  streams: ['text/tab-separated-values'],
  timeoutSeconds: null,
  response: z
    .object({
      set: z.string(),
      /** Of several about one pair in a request the last is kept. */
      written: z.int(),
      failed: z.int(),
      /** Judgments, among the written, of items that the collection does not hold now. */
      unknownItems: z.int(),
      /** The first hundred; lines count from 1. */
      errors: z.array(z.object({ line: z.int(), code: z.string(), message: z.string() })),
    })
    .meta({ id: 'JudgmentsWritten' }),
  errors: ['collection_not_found', 'invalid_judgment'],
});

export const listJudgments = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/judgments',
  summary: 'Judgments in the order of set, query and item',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({
    set: setName.optional(),
    query: queryText.optional(),
    cursor: z.string().min(1).max(10_000).optional(),
    limit: wholeNumber(1, 1000).optional(),
  }),
  response: z.object({
    judgments: z.array(
      z
        .object({
          set: z.string(),
          query: z.string(),
          itemId: z.string(),
          grade: z.number(),
          weight: z.number(),
          /** Standard deviation of the grade, and looks behind it, where clicks gave it. */
          deviation: z.number().nullable(),
          support: z.number().nullable(),
          provenance: z.string(),
          at,
        })
        .meta({ id: 'Judgment' }),
    ),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found', 'judgment_set_not_found', 'invalid_cursor'],
});

export const listJudgmentSets = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/judgment-sets',
  summary: 'Sets of judgments by name',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ cursor: setName.optional(), limit: wholeNumber(1, 1000).optional() }),
  response: z.object({
    sets: z.array(
      z
        .object({
          set: z.string(),
          judgments: z.int(),
          queries: z.int(),
          /** Kinds: rating, import, clicks. */
          provenance: z.array(z.string()),
          updatedAt: at,
        })
        .meta({ id: 'JudgmentSet' }),
    ),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found'],
});

export const deleteJudgments = endpoint({
  method: 'DELETE',
  path: '/v1/collections/:name/judgments',
  summary: 'Delete a set of judgments, or what it says of one query',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ set: setName, query: queryText.optional() }),
  timeoutSeconds: 300,
  response: z.object({ deleted: z.int() }),
  errors: ['collection_not_found', 'judgment_set_not_found'],
});

const moment = z.iso.datetime({ offset: true });

export const judgeFromClicks = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/judgments/from-clicks',
  summary: 'Begin a run that makes a set of judgments of the clicks in the log',
  tag: 'Feedback',
  params: collectionParams,
  body: z
    .strictObject({
      set: setName.meta({ description: 'Replaced when the run succeeds; clicks when left out' }).optional(),
      models: z
        .array(z.enum(CLICK_MODELS))
        .min(1)
        .max(CLICK_MODELS.length)
        .meta({ description: 'Click models to choose from, by held-out perplexity; all when left out' })
        .optional(),
      minimumSupport: z
        .number()
        .min(0)
        .max(1e6)
        .meta({ description: 'Pairs with fewer looks are left out; 3 when left out' })
        .optional(),
      halfLifeDays: z
        .number()
        .min(0.1)
        .max(36_500)
        .meta({ description: 'A page counts half as much for each of them; 90 when left out' })
        .optional(),
      from: moment.optional(),
      to: moment.optional(),
      batchId: z.uuid().optional(),
      anonymity: z
        .int()
        .min(1)
        .max(1000)
        .meta({ description: 'Queries that fewer clients asked are left out; as the collection says when left out' })
        .optional(),
    })
    .refine(
      ({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to),
      'must have "from" before "to"',
    ),
  status: 202,
  response: runSchema,
  errors: ['collection_not_found', 'overloaded'],
});
