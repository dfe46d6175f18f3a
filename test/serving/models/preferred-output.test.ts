import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../../src/serving/models/read-model-folder.ts';

const carried = (name: string): string => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

it('compares pictures by what they look like before the words that come close to them', async () => {
  const { outputs } = await readModelFolder(carried('starter-image'));
  expect(outputs.map(({ name, space }) => [name, space])).toEqual([
    ['features', 'efficientnet-lite0'],
    ['text_aligned', 'all-MiniLM-L6-v2'],
  ]);
});

it('keeps the only output of a text model', async () => {
  const { outputs } = await readModelFolder(carried('starter'));
  expect(outputs.map(({ name }) => name)).toEqual(['last_hidden_state']);
});
