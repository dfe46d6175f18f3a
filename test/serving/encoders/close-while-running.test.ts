import { expect, it } from 'vitest';
import { runChild } from '../../support/child-process.ts';

it('an encoder that is closed in the middle of a run ends its work, and never its process', async () => {
  const child = runChild(new URL('./children/close-while-running.ts', import.meta.url), []);
  expect(await child.ended).toBe(0);
  expect(child.lines).toEqual(['shutting_down', 'shutting_down', 'shutting_down', 'shutting_down']);
});
