import { z } from 'zod';

/** Keys that a schema allows at a path; alternatives of a union are put together. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const reached = path.reduce<z.core.$ZodType[]>(
    (schemas, segment) => schemas.flatMap(unwrapped).flatMap((inner) => stepInto(inner, segment)),
    [schema],
  );
  const keys = reached
    .flatMap(unwrapped)
    .flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []));
  return [...new Set(keys)];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap());
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  return [schema];
}

function stepInto(schema: z.core.$ZodType, segment: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner = (schema.shape as Record<PropertyKey, z.core.$ZodType>)[segment];
    return inner === undefined ? [] : [inner];
  }
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return [];
}
