import { z } from 'zod';
import { collectionInputSchema, rankingPatchSchema } from '../../../serving/collections/validate-schema.ts';
import { endpoint } from './endpoint.ts';
import { at, collectionParams, freeObject, wholeNumber } from './shapes.ts';

const rankingSchema = z
  .object({
    lexicalWeight: z.number(),
    memory: freeObject,
    exploration: z.object({ share: z.number(), depth: z.int() }),
    profile: z.object({
      enabled: z.boolean(),
      strength: z.number(),
      prior: z.number(),
      limit: z.number(),
      halfLifeDays: z.number(),
    }),
  })
  .meta({ id: 'RankingSettings' });

const indexStatusSchema = z
  .object({
    kind: z.enum(['vector', 'lexical']),
    model: z.string().nullable(),
    /** Which of the model's outputs it holds. */
    output: z.string().nullable(),
    appliedSequence: z.int(),
    /** Changes of the collection that this index has not taken in yet. */
    lag: z.int(),
    failedItems: z.int(),
  })
  .meta({ id: 'IndexStatus' });

const collectionShape = {
  name: z.string(),
  fields: freeObject,
  metric: z.string(),
  parts: freeObject,
  language: z.string(),
  models: z.object({ text: z.string().optional(), image: z.string().optional() }),
  ranking: rankingSchema,
  sequence: z.int(),
  liveReleaseId: z.string().nullable(),
  createdAt: at,
  updatedAt: at,
};
export const collectionSchema = z.object(collectionShape).meta({ id: 'Collection' });
export const collectionStatusSchema = z
  .object({ ...collectionShape, items: z.int(), indexes: z.array(indexStatusSchema) })
  .meta({ id: 'CollectionStatus' });

export const putCollection = endpoint({
  method: 'PUT',
  path: '/v1/collections/:name',
  summary: 'Create a collection, or change it into what is declared',
  tag: 'Collections',
  params: collectionParams,
  body: collectionInputSchema,
  refusal: 'invalid_schema',
  timeoutSeconds: 300,
  response: z
    .object({ ...collectionShape, created: z.boolean(), changed: z.boolean() })
    .meta({ id: 'CollectionWritten' }),
  errors: ['invalid_collection_name', 'invalid_schema', 'schema_conflict', 'model_not_found', 'invalid_model'],
});

export const getCollection = endpoint({
  method: 'GET',
  path: '/v1/collections/:name',
  summary: 'One collection with its number of items and the lag of its indexes',
  tag: 'Collections',
  params: collectionParams,
  response: collectionStatusSchema,
  errors: ['collection_not_found'],
});

export const listCollections = endpoint({
  method: 'GET',
  path: '/v1/collections',
  summary: 'Collections by name',
  tag: 'Collections',
  query: z.strictObject({
    cursor: z.string().max(200).optional(),
    limit: wholeNumber(1, 1000).optional(),
  }),
  response: z.object({ collections: z.array(collectionSchema), nextCursor: z.string().nullable() }),
});

export const deleteCollection = endpoint({
  method: 'DELETE',
  path: '/v1/collections/:name',
  summary: 'Delete a collection with its items, indexes, searches and events',
  tag: 'Collections',
  params: collectionParams,
  timeoutSeconds: 120,
  response: z.object({ deleted: z.literal(true) }),
  errors: ['collection_not_found'],
});

export const patchRanking = endpoint({
  method: 'PATCH',
  path: '/v1/collections/:name/ranking',
  summary:
    'Change the fusion weight, the settings of feedback memory, exploration or profiles; acts on the next search',
  tag: 'Collections',
  params: collectionParams,
  body: rankingPatchSchema,
  response: rankingSchema,
  errors: ['collection_not_found'],
});

export const listReleases = endpoint({
  method: 'GET',
  path: '/v1/collections/:name/releases',
  summary: 'What serves the collection: indexes, models and ranking settings',
  tag: 'Collections',
  params: collectionParams,
  response: z.object({
    releases: z.array(
      z
        .object({
          id: z.string(),
          state: z.string(),
          live: z.boolean(),
          ranking: freeObject,
          indexes: z.array(indexStatusSchema),
          createdAt: at,
        })
        .meta({ id: 'Release' }),
    ),
  }),
  errors: ['collection_not_found'],
});
