import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { directionalErrors } from '../../../support/directional-errors.ts';
import { differentiatedEncoder } from '../../../support/encoder-gradients.ts';
import { describeWithShared } from '../../../support/shared.ts';

const carried = (name: string): string => fileURLToPath(new URL(`../../../../models/${name}`, import.meta.url));

test('the text starter’s gradients by all of its weights agree with finite differences', async () => {
  const { together, worst } = await directionalErrors(await differentiatedEncoder(carried('starter')), 8);
  expect(together).toBeLessThan(1e-4);
  expect(worst).toBeLessThan(1e-3);
});

test('the image starter’s gradients agree as far as its kinks and single precision let differences tell', async () => {
  const { together, worst } = await directionalErrors(await differentiatedEncoder(carried('starter-image')), 4);
  expect(together).toBeLessThan(4e-3);
  expect(worst).toBeLessThan(4e-3);
});

describeWithShared('gradients of the reference encoders', (shared) => {
  for (const name of ['minilm', 'minilm-int8']) {
    test(`${name}’s gradients by all of its weights agree with finite differences`, async () => {
      const encoder = await differentiatedEncoder(join(shared, 'models', name));
      const { together, worst } = await directionalErrors(encoder, 4);
      expect(together).toBeLessThan(1e-3);
      expect(worst).toBeLessThan(1e-3);
    });
  }
});
