import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { collectionParams } from './shapes.ts';

/** A document of another system, whose own keys are many; the mapping checks those that it reads, one by one. */
const documents = (max: number, description: string) =>
  z
    .array(z.unknown())
    .max(max)
    .meta({ description, items: { type: 'object' } });

export const sendUbi = endpoint({
  method: 'POST',
  path: '/v1/collections/:name/ubi',
  summary: "Take searches and events as OpenSearch's User Behavior Insights writes them",
  tag: 'Feedback',
  params: collectionParams,
  body: z.strictObject({
    queries: documents(1000, 'Documents of ubi_queries').optional(),
    events: documents(5000, 'Documents of ubi_events').optional(),
  }),
  checksTexts: true,
  response: z
    .object({
      /** Searches that were not recorded before. */
      searches: z.int(),
      accepted: z.int(),
      duplicates: z.int(),
      rejected: z.array(
        z.object({ index: z.int(), code: z.string(), message: z.string(), of: z.enum(['queries', 'events']) }),
      ),
    })
    .meta({ id: 'UbiTaken' }),
  errors: ['collection_not_found'],
});

export const sendAlgoliaEvents = endpoint({
  method: 'POST',
  path: '/1/events',
  summary: "Take events in the shape of Algolia's Insights API; queryID is the searchId",
  tag: 'Feedback',
  // What its clients put into the address. There is nobody to tell them apart for.
  query: z.strictObject({
    'X-Algolia-Application-Id': z.string().max(200).optional(),
    'X-Algolia-API-Key': z.string().max(1000).optional(),
    'X-Algolia-Agent': z.string().max(1000).optional(),
    'x-algolia-application-id': z.string().max(200).optional(),
    'x-algolia-api-key': z.string().max(1000).optional(),
    'x-algolia-agent': z.string().max(1000).optional(),
  }),
  body: z.strictObject({ events: documents(1000, 'Events of the Insights API') }),
  checksTexts: true,
  beacon: true,
  /** 422 when some were refused; the others are taken all the same. */
  response: z.object({ status: z.int(), message: z.string() }).meta({ id: 'AlgoliaAnswer' }),
});
