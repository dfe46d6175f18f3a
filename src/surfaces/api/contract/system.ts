import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { freeObject } from './shapes.ts';

export const listModels = endpoint({
  method: 'GET',
  path: '/v1/models',
  summary: 'Models that can encode',
  tag: 'Models',
  response: z.object({
    models: z.array(
      z
        .object({
          id: z.string(),
          modality: z.string(),
          outputs: z.array(z.object({ name: z.string(), space: z.string(), dimensions: z.int() })),
          card: freeObject.optional(),
        })
        .meta({ id: 'Model' }),
    ),
  }),
});

export const getBlob = endpoint({
  method: 'GET',
  path: '/v1/blobs/:hash',
  summary: 'A picture by the SHA-256 of its bytes',
  tag: 'Items',
  params: z.strictObject({ hash: z.string().max(200) }),
  response: 'application/octet-stream',
  errors: ['blob_not_found'],
});

export const live = endpoint({
  method: 'GET',
  path: '/health/live',
  summary: 'The process runs',
  tag: 'System',
  response: z.object({ status: z.literal('ok') }),
});

const checkSchema = z
  .object({ name: z.string(), ok: z.boolean(), message: z.string().optional() })
  .meta({ id: 'Check' });

export const ready = endpoint({
  method: 'GET',
  path: '/health/ready',
  summary: 'The process can answer searches; 503 when it cannot',
  tag: 'System',
  timeoutSeconds: 10,
  response: z.object({ status: z.enum(['ok', 'unavailable']), checks: z.array(checkSchema) }),
});

export const metrics = endpoint({
  method: 'GET',
  path: '/metrics',
  summary: 'Prometheus metrics',
  tag: 'System',
  response: 'text/plain',
});

export const openapi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  tag: 'System',
  response: freeObject,
});
