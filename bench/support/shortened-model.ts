import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findModelFolder } from '../../src/serving/models/find-model-folder.ts';

/** A model that reads more or fewer tokens than its card says: a temporary folder that leads to the files of the original. */
export async function withMaxTokens(model: string, maxTokens: number): Promise<string> {
  const original = await findModelFolder(model, { folder: null });
  const folder = await mkdtemp(join(tmpdir(), `${basename(original)}-${maxTokens}-`));
  for (const name of await readdir(original)) {
    if (name !== 'card.json') await symlink(join(original, name), join(folder, name));
  }
  const card = JSON.parse(await readFile(join(original, 'card.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  await writeFile(join(folder, 'card.json'), JSON.stringify({ ...card, maxTokens }));
  return folder;
}
