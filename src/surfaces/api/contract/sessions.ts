import { z } from 'zod';
import { feedbackPatchSchema } from '../../../learning/feedback/feedback-settings.ts';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

const settingsSchema = z
  .object({
    /** What an event of a type says of an item: above 0 for it, below 0 against it. */
    eventTypes: z.record(z.string(), z.object({ weight: z.number() })),
    acceptDays: z.number(),
    sessionGapMinutes: z.number(),
    /** Searches and events are deleted after so many days; null keeps them. */
    retentionDays: z.number().nullable(),
    /** A query's text is shown to others once so many clients have asked it. */
    anonymity: z.int(),
    guards: z.object({
      enabled: z.boolean(),
      maxSearchesPerMinute: z.number(),
      maxClicksPerMinute: z.number(),
      maxClickedShare: z.number(),
      minFarmClicks: z.int(),
    }),
  })
  .meta({ id: 'FeedbackSettings' });

export const getFeedbackSettings = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/feedback',
  summary: 'Event types and their weights, guards, retention and anonymity of a collection',
  tag: 'Feedback',
  params: collectionParams,
  response: settingsSchema,
  errors: ['collection_not_found'],
});

export const patchFeedbackSettings = endpoint({
  method: 'PATCH',
  path: '/v1/collections/:name/feedback',
  summary: 'Change settings of feedback; null removes an event type that was added',
  tag: 'Feedback',
  params: collectionParams,
  body: feedbackPatchSchema,
  response: settingsSchema,
  errors: ['collection_not_found'],
});

const sessionShape = {
  id: z.int(),
  /** `user …`, `session …`, or `search …` for a search by nobody in particular. */
  client: z.string(),
  startedAt: at,
  endedAt: at,
  searches: z.int(),
  /** Why the guards have set it aside; null when it counts. */
  setAside: z.array(z.object({ code: z.string(), message: z.string() })).nullable(),
  /** Why a person has taken it out; null when nobody has. */
  irrelevant: z.string().nullable(),
  cleared: z.boolean(),
  batchId: z.string().nullable(),
};
const sessionSchema = z.object(sessionShape).meta({ id: 'Session' });

const loggedSearchSchema = z
  .object({
    searchId: z.string(),
    query: z.string().nullable(),
    at,
    release: z.string(),
    itemIds: z.array(z.string()),
    /** Position of the first of them. */
    firstPosition: z.int(),
    /** Chance of each to be shown where it was; 1 without exploration. */
    propensities: z.array(z.number()),
    /** Searches of a session with the same number want the same thing. */
    intent: z.int(),
    /** A later search took its place while somebody was still typing. */
    superseded: z.boolean(),
    events: z.array(
      z.object({ itemId: z.string(), type: z.string(), position: z.int(), value: z.number().nullable(), at }),
    ),
  })
  .meta({ id: 'LoggedSearch' });

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const listSessions = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/sessions',
  summary: 'Sessions, newest first; those that were set aside say why',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({
    cursor: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
    limit: wholeNumber(1, 100).optional(),
    setAside: flag.optional(),
  }),
  response: z.object({ sessions: z.array(sessionSchema), nextCursor: z.string().nullable() }),
  errors: ['collection_not_found'],
});

const sessionParams = z.strictObject({
  name: z.string().max(200),
  id: wholeNumber(1, Number.MAX_SAFE_INTEGER),
});

export const getSession = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/sessions/:id',
  summary: 'One session: what it asked, was shown and did',
  tag: 'Feedback',
  params: sessionParams,
  response: z.object({ ...sessionShape, log: z.array(loggedSearchSchema) }).meta({ id: 'SessionWithLog' }),
  errors: ['collection_not_found', 'session_not_found'],
});

export const markSession = endpoint({
  method: 'PATCH',
  path: '/v1/collections/:name/sessions/:id',
  summary: 'Take a session out with a reason, or say that it counts whatever the guards say',
  tag: 'Feedback',
  params: sessionParams,
  body: z.strictObject({
    irrelevant: z
      .string()
      .min(1)
      .max(500)
      .nullable()
      .meta({ description: 'Why it does not count; null takes it back in' })
      .optional(),
    cleared: z.boolean().meta({ description: 'True: counts, whatever the guards say' }).optional(),
  }),
  response: sessionSchema,
  errors: ['collection_not_found', 'session_not_found'],
});

const batchShape = {
  id: z.string(),
  key: z.string(),
  sessions: z.int(),
  searches: z.int(),
  events: z.int(),
  releasedAt: at,
};

export const releaseBatch = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/feedback-batches',
  summary: 'Release all finished sessions that are in no batch yet, for training; the same key is the same batch',
  tag: 'Feedback',
  params: collectionParams,
  body: z.strictObject({ key: z.string().min(1).max(200).meta({ description: 'Your name for this release' }) }),
  timeoutSeconds: 300,
  response: z.object({ ...batchShape, created: z.boolean() }).meta({ id: 'BatchReleased' }),
  errors: ['collection_not_found'],
});

export const listBatches = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/feedback-batches',
  summary: 'Released batches, newest first',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ cursor: z.uuid().optional(), limit: wholeNumber(1, 100).optional() }),
  response: z.object({
    batches: z.array(z.object(batchShape).meta({ id: 'FeedbackBatch' })),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found'],
});

export const readBatch = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/feedback-batches/:id/sessions',
  summary: 'Sessions of a batch, as they were when it was released',
  tag: 'Feedback',
  params: z.strictObject({ name: z.string().max(200), id: z.string().max(100) }),
  query: z.strictObject({
    cursor: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
    limit: wholeNumber(1, 200).optional(),
  }),
  response: z.object({
    sessions: z.array(z.object({ id: z.int(), client: z.string(), log: z.array(loggedSearchSchema) })),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found', 'batch_not_found'],
});
