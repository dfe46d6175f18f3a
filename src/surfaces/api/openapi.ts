import { z } from 'zod';
import { ERROR_TABLE, type ErrorCode } from '../../foundation/core/error-table.ts';
import { contract } from './contract/contract.ts';
import type { Endpoint } from './contract/endpoint.ts';
import { errorSchema } from './contract/shapes.ts';

type Json = { [key: string]: unknown };

/** Codes that every endpoint may answer. */
const COMMON: readonly ErrorCode[] = [
  'invalid_http',
  'invalid_request',
  'overloaded',
  'timeout',
  'shutting_down',
  'internal',
  'database_unavailable',
];
/** What the lines of a stream are. */
const STREAMS: Readonly<Record<string, string>> = {
  'application/x-ndjson': 'One JSON object per line',
  'text/tab-separated-values':
    'One judgment per line: query, item, grade and, if you like, weight; names of columns may go first',
};
const WITH_BODY: readonly ErrorCode[] = ['invalid_json', 'payload_too_large', 'unsupported_media_type'];

/** The API as an OpenAPI 3.1 document, made from nothing but the contract and the error table. */
export function openApiDocument(): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const [operationId, endpoint] of Object.entries(contract as Record<string, Endpoint>)) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = operation(operationId, endpoint, schemas);
  }
  schemas.Error = jsonSchema(errorSchema, 'output', schemas, true);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Embedding Studio',
      version: '1',
      description:
        'Search that learns from clicks. Unknown keys are refused with 422; every error has a code, a message and, where something can be done, a hint.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([left], [right]) => (left < right ? -1 : 1))),
    },
  };
}

function operation(operationId: string, endpoint: Endpoint, schemas: Json): Json {
  const parameters = [
    ...parametersOf(endpoint.params, 'path', schemas),
    ...parametersOf(endpoint.query, 'query', schemas),
  ];
  return {
    operationId,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(endpoint.body === undefined ? {} : { requestBody: requestBody(endpoint, endpoint.body, schemas) }),
    responses: responses(endpoint, schemas),
  };
}

function requestBody(endpoint: Endpoint, body: z.ZodType, schemas: Json): Json {
  const content: Json = { 'application/json': { schema: jsonSchema(body, 'input', schemas) } };
  for (const type of endpoint.streams ?? [])
    content[type] = { schema: { type: 'string', description: STREAMS[type] ?? '' } };
  if (endpoint.beacon) content['text/plain'] = { schema: { type: 'string', description: 'The same JSON' } };
  return { required: true, content };
}

function responses(endpoint: Endpoint, schemas: Json): Json {
  const { response } = endpoint;
  const content =
    typeof response === 'string'
      ? { [response]: { schema: { type: 'string' } } }
      : { 'application/json': { schema: jsonSchema(response, 'output', schemas) } };
  const codes = [
    ...COMMON,
    ...(endpoint.body === undefined ? [] : WITH_BODY),
    ...((endpoint.errors ?? []) as readonly ErrorCode[]),
  ];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = ERROR_TABLE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const errors = [...byStatus]
    .sort(([left], [right]) => left - right)
    .map(([status, all]) => [
      String(status),
      {
        description: all.join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]);
  return {
    [String(endpoint.status ?? 200)]: { description: endpoint.summary, content },
    ...Object.fromEntries(errors),
  };
}

function parametersOf(declared: Endpoint['params'], where: 'path' | 'query', schemas: Json): Json[] {
  if (declared === undefined) return [];
  const { properties, required } = jsonSchema(declared, 'input', schemas) as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || (required ?? []).includes(name),
    schema,
  }));
}

/** A schema's JSON Schema; named schemas move to the components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json, inline = false): Json {
  const made = z.toJSONSchema(schema, { io, reused: 'inline', unrepresentable: 'any' }) as Json;
  const { $schema: _, $defs, ...own } = made;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json)) schemas[name] = moved(definition);
  const { id, ...rest } = own as Json & { id?: string };
  if (id === undefined || inline) return moved(inline ? rest : own) as Json;
  schemas[id] = moved(rest);
  return { $ref: `#/components/schemas/${id}` };
}

/** Rewrites references and drops what only repeats: names beside definitions, bounds of safe integers. */
function moved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(moved);
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).flatMap(([key, value]): Array<[string, unknown]> => {
    if (key === 'id' && typeof value === 'string') return [];
    // Every name of a JSON property is a text.
    if (key === 'propertyNames' && JSON.stringify(value) === '{"type":"string"}') return [];
    if (key === '$ref' && typeof value === 'string') return [[key, value.replace('#/$defs/', '#/components/schemas/')]];
    if ((key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) return [];
    return [[key, moved(value)]];
  });
  return Object.fromEntries(entries);
}
