import { z } from 'zod';

/** Any JSON object; its keys are the caller's own. */
export const freeObject = z.record(z.string(), z.unknown());
/** A moment, ISO 8601 in UTC. */
export const at = z.string();

/** A filter (docs/guides/filters.md); its own parser checks it and names the place of a fault. */
export const filterSchema = z
  .unknown()
  .meta({ type: 'object', description: 'A filter with one key, such as {"term": {"color": "red"}}' })
  .optional();

export const collectionParams = z.strictObject({ name: z.string().max(200) });
export const itemParams = z.strictObject({ name: z.string().max(200), id: z.string().min(1).max(256) });

/** A whole number in a query string. */
export const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const errorSchema = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      hint: z.string().optional(),
      details: freeObject.optional(),
      requestId: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' });
