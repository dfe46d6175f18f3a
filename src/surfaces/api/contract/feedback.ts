import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

export const EVENT_TYPES = [
  'click',
  'impression',
  'dwell',
  'add-to-cart',
  'purchase',
  'like',
  'dislike',
  'skip',
] as const;

const eventSchema = z
  .strictObject({
    eventId: z.string().min(1).max(256).meta({ description: 'Makes a repeated delivery count once' }).optional(),
    searchId: z.string().max(100),
    itemId: z.string().min(1).max(256),
    type: z.enum(EVENT_TYPES),
    at: z.iso.datetime({ offset: true }).meta({ description: 'Now when left out' }).optional(),
    value: z.number().optional(),
    user: z.string().min(1).max(256).optional(),
  })
  .meta({ id: 'Event' });

export const sendEvents = endpoint({
  method: 'POST',
  path: '/v1/events',
  summary: 'Tell what people did with the hits of a search',
  tag: 'Feedback',
  body: z.strictObject({ events: z.array(eventSchema).max(1000) }),
  response: z
    .object({
      accepted: z.int(),
      /** Stored before under the same eventId. */
      duplicates: z.int(),
      rejected: z.array(z.object({ index: z.int(), code: z.string(), message: z.string() })),
    })
    .meta({ id: 'EventsTaken' }),
});

const memorySchema = z
  .object({
    query: z.string(),
    clicks: z.number(),
    updatedAt: at,
    /** Per item: clicks and the clicks that its positions would have brought anyway, both decayed. */
    items: z.array(z.object({ itemId: z.string(), clicks: z.number(), expectedClicks: z.number() })),
  })
  .meta({ id: 'RememberedQuery' });

export const listMemory = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/memory',
  summary: 'What feedback memory holds, query by query',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ cursor: z.string().min(1).max(1000).optional(), limit: wholeNumber(1, 100).optional() }),
  response: z.object({ queries: z.array(memorySchema), nextCursor: z.string().nullable() }),
  errors: ['collection_not_found'],
});

export const forgetMemory = endpoint({
  method: 'DELETE',
  path: '/v1/collections/:name/memory',
  summary: 'Forget what clicks taught about one query, or about all',
  tag: 'Feedback',
  params: collectionParams,
  query: z.strictObject({ query: z.string().min(1).max(10_000).optional() }),
  response: z.object({ forgotten: z.int() }),
  errors: ['collection_not_found'],
});
