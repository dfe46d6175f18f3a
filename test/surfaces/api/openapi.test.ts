import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { contract } from '../../../src/surfaces/api/contract/contract.ts';
import { errorPage } from '../../../src/surfaces/api/error-page.ts';
import { openApiDocument } from '../../../src/surfaces/api/openapi.ts';

const root = new URL('../../../', import.meta.url);

describe('what is generated from the contract', () => {
  it('openapi.json is up to date (npm run openapi)', async () => {
    const committed = JSON.parse(await readFile(new URL('openapi.json', root), 'utf8'));
    expect(openApiDocument()).toEqual(committed);
  });

  it('docs/errors.md is up to date (npm run docs:errors)', async () => {
    expect(await readFile(new URL('docs/errors.md', root), 'utf8')).toBe(errorPage());
  });

  it('the document has one operation for each endpoint, by its name in the contract', () => {
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, { operationId: string }>> };
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    );
    expect(ids.sort()).toEqual(Object.keys(contract).sort());
  });

  it('every reference in the document leads to a component', () => {
    const document = openApiDocument() as { components: { schemas: Record<string, unknown> } };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      (match) => match[1],
    );
    expect(references.length).toBeGreaterThan(30);
    for (const reference of references) expect(Object.keys(document.components.schemas)).toContain(reference);
  });

  it('every path parameter of a path is declared', () => {
    const { paths } = openApiDocument() as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    for (const [path, methods] of Object.entries(paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const { parameters = [] } of Object.values(methods)) {
        expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(named);
      }
    }
  });
});
