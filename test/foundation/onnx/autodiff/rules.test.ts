import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { GRADIENT_RULES } from '../../../../src/foundation/onnx/autodiff/rules/index.ts';
import { allCases } from './cases/all-cases.ts';

test('every gradient rule is checked against finite differences', () => {
  const checked = new Set(allCases.map((one) => one.op));
  expect([...GRADIENT_RULES.keys()].filter((op) => !checked.has(op))).toEqual([]);
});

test('every file among the rules is in the table, under its operator', async () => {
  const files = await readdir(new URL('../../../../src/foundation/onnx/autodiff/rules/', import.meta.url));
  const words = (text: string): string =>
    text
      .replace(/^com\./, '')
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .toLowerCase();
  const operators = [...GRADIENT_RULES.keys()].map(words).sort();
  expect(
    files
      .filter((file) => file !== 'index.ts')
      .map((file) => words(file.replace('.ts', '')))
      .sort(),
  ).toEqual(operators);
});
