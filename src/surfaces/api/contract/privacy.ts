import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, freeObject, wholeNumber } from './shapes.ts';

const userParams = z.strictObject({ user: z.string().min(1).max(256) });
const page = (most: number) =>
  z.strictObject({ cursor: z.string().min(1).max(4000).optional(), limit: wholeNumber(1, most).optional() });

const receiptSchema = z
  .object({
    erasureId: z.string(),
    at,
    /** False when it was interrupted: erase again to do the rest. */
    complete: z.boolean(),
    collections: z.array(
      z.object({
        name: z.string(),
        searches: z.int(),
        events: z.int(),
        sessions: z.int(),
        profiles: z.int(),
        /** Remembered queries: dropped where nobody else asked them, otherwise learned again from what remains. */
        memory: z.object({ relearned: z.int(), dropped: z.int() }),
        /** `recompute` names sets computed from clicks that this user's clicks went into. */
        judgments: z.object({ deleted: z.int(), recompute: z.array(z.string()) }),
        /** Released batches that lost something. */
        batches: z.array(z.string()),
      }),
    ),
    /** Models whose card names one of these batches: train them again. */
    /** Snapshots of training data that were deleted. */
    snapshots: z.array(z.string()).optional(),
    models: z.array(z.string()),
  })
  .meta({ id: 'ErasureReceipt' });

export const eraseUser = endpoint({
  method: 'DELETE',
  path: '/v1/users/:user',
  summary: 'Delete everything that is kept about a user',
  tag: 'Privacy',
  params: userParams,
  response: receiptSchema,
  timeoutSeconds: 600,
});

export const exportUser = endpoint({
  method: 'GET',
  path: '/v1/users/:user',
  summary: 'Everything that is kept about a user, piece by piece',
  tag: 'Privacy',
  params: userParams,
  query: page(1000),
  response: z
    .object({
      searches: z.array(
        z.object({
          collection: z.string(),
          searchId: z.string(),
          at,
          query: z.string().nullable(),
          request: freeObject,
          session: z.string().nullable(),
          release: z.string(),
          hits: z.array(z.object({ itemId: z.string(), position: z.int(), score: z.number() })),
          total: z.int(),
          tookMs: z.number(),
        }),
      ),
      events: z.array(
        z.object({
          collection: z.string(),
          eventId: z.string(),
          searchId: z.string(),
          itemId: z.string(),
          type: z.string(),
          position: z.int(),
          value: z.number().nullable(),
          at,
        }),
      ),
      sessions: z.array(
        z.object({
          collection: z.string(),
          startedAt: at,
          endedAt: at,
          searches: z.int(),
          /** Why it counts for nothing; null when it counts. */
          setAside: z.array(freeObject).nullable(),
          irrelevant: z.string().nullable(),
          batch: z.string().nullable(),
        }),
      ),
      ratings: z.array(
        z.object({
          collection: z.string(),
          set: z.string(),
          query: z.string(),
          itemId: z.string(),
          grade: z.number(),
          weight: z.number(),
          at,
        }),
      ),
      profiles: z.array(
        z.object({
          collection: z.string(),
          evidence: z.number(),
          items: z.array(z.object({ itemId: z.string(), weight: z.number() })),
          /** Direction of the mean of the items' vectors; null without evidence. */
          vector: z.array(z.number()).nullable(),
          /** Reset then: what was done before does not count any more. */
          since: at.nullable(),
          updatedAt: at,
        }),
      ),
      nextCursor: z.string().nullable(),
    })
    .meta({ id: 'UserData' }),
  errors: ['invalid_cursor'],
});

export const listErasures = endpoint({
  method: 'GET',
  path: '/v1/erasures',
  summary: 'Receipts of erasures, newest first; they do not say of whom',
  tag: 'Privacy',
  query: page(100),
  response: z.object({ erasures: z.array(receiptSchema), nextCursor: z.string().nullable() }),
  errors: ['invalid_cursor'],
});
