import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelRegistry } from '../../../../src/serving/models/model-registry.ts';

/** Closes an encoder in the middle of its work, at several moments, and writes what became of the work. */
const folder = await mkdtemp(join(tmpdir(), 'close-'));
const inputs = Array.from({ length: 400 }, (_, index) => ({ text: `word ${index} `.repeat(80) }));
for (const milliseconds of [5, 40, 75, 110]) {
  const registry = new ModelRegistry({ folder });
  const encoder = await registry.encoder('starter');
  const outcome = encoder.encodeItems(inputs).then(
    () => 'encoded',
    (error) => error.code,
  );
  await sleep(milliseconds);
  await registry.close();
  process.stdout.write(`${await outcome}\n`);
}
await rm(folder, { recursive: true });
