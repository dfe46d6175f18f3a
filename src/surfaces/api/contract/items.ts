import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, filterSchema, freeObject, itemParams, wholeNumber } from './shapes.ts';

/** Most items of one JSON request; NDJSON streams have no such limit. */
export const MAX_ITEMS = 10_000;

const itemSchema = z
  .object({ id: z.string(), payload: freeObject, version: z.int().nullable(), sequence: z.int(), updatedAt: at })
  .meta({ id: 'Item' });

const itemErrorSchema = z
  .object({
    /** Position in the request, from 0; for NDJSON the number of the line, from 1, is in `line`. */
    index: z.int(),
    line: z.int().optional(),
    id: z.string().nullable(),
    stage: z.string(),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'ItemError' });

export const putItems = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/items',
  summary: 'Add or replace items; a bad item never fails the others',
  tag: 'Items',
  params: collectionParams,
  query: z.strictObject({ wait: z.enum(['indexed']).optional(), timeoutSeconds: wholeNumber(1, 600).optional() }),
  // An item is checked by itself, so that one bad item is one error of the list.
  body: z.strictObject({ items: z.array(z.unknown()).max(MAX_ITEMS) }),
  checksTexts: true,
  streams: ['application/x-ndjson'],
  timeoutSeconds: null,
  response: z
    .object({
      accepted: z.int(),
      unchanged: z.int(),
      failed: z.int(),
      /** Sequence of the last change that this request made, or of the collection when it made none. */
      sequence: z.int(),
      /** True when ?wait=indexed was asked for and every index holds the items. */
      indexed: z.boolean(),
      /** The first thousand. */
      errors: z.array(itemErrorSchema),
    })
    .meta({ id: 'ItemsWritten' }),
  errors: ['collection_not_found', 'too_many_items', 'wait_timeout'],
});

export const listItems = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/items',
  summary: 'Items in the order of their arrival',
  tag: 'Items',
  params: collectionParams,
  query: z.strictObject({
    cursor: z.string().max(1000).optional(),
    limit: wholeNumber(1, 1000).optional(),
    filter: z
      .string()
      .max(50_000)
      .meta({ description: 'A filter as JSON text', contentMediaType: 'application/json' })
      .optional(),
  }),
  response: z.object({ items: z.array(itemSchema), nextCursor: z.string().nullable() }).meta({ id: 'ItemPage' }),
  errors: ['collection_not_found', 'invalid_filter', 'invalid_cursor'],
});

export const getItem = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/items/:id',
  summary: 'One item',
  tag: 'Items',
  params: itemParams,
  response: itemSchema,
  errors: ['collection_not_found', 'item_not_found'],
});

export const deleteItem = endpoint({
  method: 'DELETE',
  path: '/v1/collections/:name/items/:id',
  summary: 'Delete one item',
  tag: 'Items',
  params: itemParams,
  response: z.object({ deleted: z.literal(1), sequence: z.int() }),
  errors: ['collection_not_found', 'item_not_found'],
});

export const deleteItems = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/items/delete',
  summary: 'Delete items by id, or all that match a filter',
  tag: 'Items',
  params: collectionParams,
  body: z
    .strictObject({
      ids: z.array(z.string().min(1).max(256)).max(MAX_ITEMS).optional(),
      filter: filterSchema,
    })
    .refine((body) => (body.ids === undefined) !== (body.filter === undefined), 'must have either ids or filter')
    .meta({ oneOf: [{ required: ['ids'] }, { required: ['filter'] }] }),
  timeoutSeconds: 300,
  response: z.object({ deleted: z.int(), sequence: z.int() }).meta({ id: 'ItemsDeleted' }),
  errors: ['collection_not_found', 'invalid_filter'],
});
