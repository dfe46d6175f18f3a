import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, wholeNumber } from './shapes.ts';

const storable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
const text = (length: number) => z.string().min(1).max(length).refine(storable, 'must be Unicode without NUL');

export const eventSchema = z.strictObject({
  eventId: text(256).meta({ description: 'Makes a repeated delivery count once' }).optional(),
  searchId: z.string().max(100),
  itemId: text(256),
  type: text(40).meta({
    description:
      'impression, click, dwell, add-to-cart, purchase, like, dislike, skip, or a type that the collection has declared',
  }),
  at: z.iso.datetime({ offset: true }).meta({ description: 'Now when left out' }).optional(),
  value: z.number().optional(),
  user: text(256).optional(),
});

const { $schema: _, ...eventShape } = z.toJSONSchema(eventSchema, { io: 'input' });
/** Checked one by one by the handler: a malformed event is refused by reason and does not fail its batch. */
const looseEvent = z.unknown().meta({ ...eventShape, id: 'Event' }) as unknown as typeof eventSchema;

export const sendEvents = endpoint({
  method: 'POST',
  path: '/v1/events',
  summary: 'Tell what people did with the hits of a search',
  tag: 'Feedback',
  body: z.strictObject({ events: z.array(looseEvent).max(1000) }),
  checksTexts: true,
  beacon: true,
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
  response: z.object({
    queries: z.array(memorySchema),
    /** Queries up to the next page that too few clients have asked for their text to be shown. */
    hidden: z.int(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['collection_not_found'],
});

export const exportMemory = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/memory/export',
  summary:
    'All that feedback memory holds, one `RememberedQuery` a line; queries that too few clients have asked are left out',
  tag: 'Feedback',
  params: collectionParams,
  timeoutSeconds: null,
  response: 'application/x-ndjson',
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
