import type { FullRequest } from './full-requests.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: 'path' | 'query' }>;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Parameters and properties of the OpenAPI document that no example has. */
export function uncovered(document: object, examples: readonly FullRequest[]): string[] {
  const { paths, components } = document as Document;
  const missing = (given: Schema, values: readonly unknown[], path: string): string[] => {
    const schema = given.$ref === undefined ? given : (components.schemas[given.$ref.split('/').at(-1) ?? ''] ?? given);
    const objects = values.filter((value) => value !== null && typeof value === 'object' && !Array.isArray(value));
    const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    const { items, additionalProperties } = schema;
    return [
      ...alternatives.flatMap((alternative) => missing(alternative, values, path)),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
        const found = objects.flatMap((object) =>
          Object.hasOwn(object as object, name) ? [(object as never)[name]] : [],
        );
        return found.length === 0 ? [`${path}.${name}`] : missing(property, found, `${path}.${name}`);
      }),
      ...(typeof additionalProperties === 'object'
        ? missing(
            additionalProperties,
            objects.flatMap((object) => Object.values(object as object)),
            `${path}.*`,
          )
        : []),
      ...(items === undefined ? [] : missing(items, values.filter(Array.isArray).flat(), `${path}[]`)),
    ];
  };
  return Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId, parameters = [], requestBody }) => {
      const own = examples.filter((example) => example.operation === operationId);
      const places = { path: 'params', query: 'query' } as const;
      const parts = parameters.filter(
        ({ name, in: where }) => !own.some((one) => one[places[where]]?.[name] !== undefined),
      );
      const schema = requestBody?.content['application/json']?.schema;
      const bodies = own.map((example) => example.body).filter((body) => body !== undefined);
      return [
        ...parts.map(({ name }) => `${operationId} ${name}`),
        ...(schema === undefined ? [] : missing(schema, bodies, operationId)),
      ];
    }),
  );
}
