import build, { type Schema } from 'fast-json-stringify';
import { z } from 'zod';

type JsonSchema = { readonly [key: string]: unknown };

/**
 * Second of the two compilers: the shape of an answer becomes a function that writes just this shape. Whatever the
 * contract does not name is left out; free-form parts (payloads, explanations) go through JSON.stringify.
 */
export function compileOutput(schema: z.ZodType): (value: unknown) => string {
  // The older dialect says `nullable: true`, which the writer knows without trying alternatives.
  const shape = z.toJSONSchema(schema, { io: 'output', target: 'openapi-3.0', reused: 'inline' }) as JsonSchema;
  return build(simplified(shape) as Schema);
}

function simplified(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplified);
  if (node === null || typeof node !== 'object') return node;
  const object = node as JsonSchema;
  // Trying alternatives costs more than writing whatever is there.
  if (object.anyOf !== undefined || object.oneOf !== undefined) return {};
  if (object.type === 'object' && object.properties === undefined && isAnything(object.additionalProperties)) return {};
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, simplified(value)]));
}

const isAnything = (node: unknown): boolean =>
  node !== null && typeof node === 'object' && Object.keys(node).length === 0;
