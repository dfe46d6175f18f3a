import { z } from 'zod';

/** Any JSON object; its keys are the caller's own. */
export const freeObject = z.record(z.string(), z.unknown());
/** A moment, ISO 8601 in UTC. */
export const at = z.string();

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
