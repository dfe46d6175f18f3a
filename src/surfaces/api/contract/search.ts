import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { collectionParams, filterSchema, freeObject } from './shapes.ts';

export const MAX_QUERY_TEXT_LENGTH = 10_000;
/** Hits beyond this place are reached by cursor. */
export const MAX_OFFSET = 10_000;

export const queryPartSchema = z
  .strictObject({
    text: z.string().max(MAX_QUERY_TEXT_LENGTH).optional(),
    image: z.string().max(30_000_000).meta({ description: 'A picture as base64 data URI' }).optional(),
    itemId: z.string().min(1).max(256).meta({ description: 'More like this item' }).optional(),
    vector: z.array(z.number()).min(1).max(16_000).optional(),
    fields: freeObject
      .meta({ description: 'A structured object, read as an item of the collection would be' })
      .optional(),
    weight: z.number().min(-100).max(100).meta({ description: '1 by default; negative moves away' }).optional(),
  })
  .refine(
    ({ text, image, itemId, vector, fields }) =>
      [text, image, itemId, vector, fields].filter((given) => given !== undefined).length === 1,
    'needs exactly one of text, image, itemId, vector and fields; give several as a list',
  )
  .meta({ id: 'QueryPart' });

const oneQuery = z.union([z.string().max(MAX_QUERY_TEXT_LENGTH), queryPartSchema]);
export const querySchema = z.union([oneQuery, z.array(oneQuery).max(20)]).meta({ id: 'Query' });

const fieldName = z.string().min(1).max(200);
const facetSchema = z
  .union([
    fieldName,
    z.strictObject({
      field: fieldName,
      limit: z.int().min(1).max(1000).optional(),
      ranges: z
        .array(z.strictObject({ from: z.number().optional(), to: z.number().optional() }))
        .min(1)
        .max(100)
        .optional(),
      interval: z.enum(['day', 'month', 'year']).optional(),
    }),
  ])
  .meta({ id: 'Facet' });

const order = { order: z.enum(['asc', 'desc']).optional(), missing: z.enum(['first', 'last']).optional() };
const place = z.strictObject({
  field: fieldName,
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
});
const sortSchema = z
  .union([fieldName, z.strictObject({ field: fieldName, ...order }), z.strictObject({ geo: place, ...order })])
  .meta({ id: 'Sort', description: 'A field name, `_score`, or the distance from a place' });

export const searchRequestSchema = z
  .strictObject({
    query: querySchema.optional(),
    mode: z.enum(['hybrid', 'vector', 'lexical']).optional(),
    filter: filterSchema,
    facets: z.array(facetSchema).max(50).optional(),
    sort: z.array(sortSchema).max(10).optional(),
    limit: z.int().min(0).max(1000).optional(),
    offset: z.int().min(0).max(MAX_OFFSET).optional(),
    cursor: z.string().max(10_000).optional(),
    user: z.string().min(1).max(256).optional(),
    session: z.string().min(1).max(256).optional(),
    fields: z
      .array(z.string().max(200))
      .max(200)
      .meta({ description: 'Payload fields to return; all when left out' })
      .optional(),
    highlight: z.boolean().optional(),
    explain: z.boolean().optional(),
    maxDistance: z.number().optional(),
    record: z
      .boolean()
      .meta({ description: 'False leaves no record; events for such a search are refused' })
      .optional(),
    lexicalWeight: z.number().min(0).max(1).optional(),
    memory: z.boolean().meta({ description: 'False leaves feedback memory out of this search' }).optional(),
    personalize: z.boolean().meta({ description: "False leaves the user's profile out of this search" }).optional(),
  })
  .refine(
    (request) => request.offset === undefined || request.cursor === undefined,
    'must not have both offset and cursor',
  )
  .meta({ id: 'SearchRequest', not: { required: ['offset', 'cursor'] } });

const hitSchema = z
  .object({
    id: z.string(),
    position: z.int(),
    score: z.number(),
    payload: freeObject,
    parts: z.array(z.object({ position: z.int(), text: z.string().nullable(), similarity: z.number() })).optional(),
    /** Per field, its text and the places in it that match, as pairs of start and end. */
    highlights: z.record(z.string(), z.object({ text: z.string(), ranges: z.array(z.array(z.int())) })).optional(),
    explain: freeObject.meta({ description: 'Components of the score and which clicks moved it' }).optional(),
  })
  .meta({ id: 'Hit' });

const facetResultSchema = z
  .object({
    values: z.array(
      z.object({
        value: z.union([z.string(), z.number(), z.boolean()]),
        count: z.int(),
        from: z.number().optional(),
        to: z.number().optional(),
      }),
    ),
    /** Items without a value. */
    missing: z.int(),
    stats: z.object({ min: z.number(), max: z.number(), mean: z.number() }).optional(),
  })
  .meta({ id: 'FacetResult' });

const totalSchema = z.object({ value: z.int(), exact: z.boolean() }).meta({ id: 'Total' });

export const searchResponseSchema = z
  .object({
    searchId: z.string().nullable(),
    release: z.string(),
    hits: z.array(hitSchema),
    total: totalSchema,
    facets: z.record(z.string(), facetResultSchema).optional(),
    nextCursor: z.string().optional(),
    warnings: z.array(z.string()).optional(),
    tookMs: z.number(),
  })
  .meta({ id: 'SearchResponse' });

const refusals = [
  'collection_not_found',
  'invalid_query',
  'invalid_filter',
  'filter_too_deep',
  'field_not_found',
] as const;

export const search = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/search',
  summary: 'Search by text, picture, item, vector or a mix; without a query, browse',
  tag: 'Search',
  params: collectionParams,
  body: searchRequestSchema,
  response: searchResponseSchema,
  errors: [
    ...refusals,
    ...(['field_not_filterable', 'field_not_facetable', 'field_not_sortable'] as const),
    ...(['invalid_cursor', 'no_index', 'space_mismatch', 'item_not_found', 'invalid_image'] as const),
  ],
});

export const count = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/count',
  summary: 'Count the items that match a filter',
  tag: 'Search',
  params: collectionParams,
  body: z.strictObject({ filter: filterSchema }),
  response: totalSchema,
  errors: [...refusals, 'field_not_filterable'],
});
