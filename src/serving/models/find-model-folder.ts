import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudioError } from '../../foundation/core/errors.ts';
import { type DownloadOptions, downloadModel } from './download-model.ts';

/** Models that the package carries: nothing has to be fetched to begin. */
export const CARRIED_MODELS = ['starter', 'starter-image'] as const;
// src/serving/models and dist/serving/models lie equally deep.
const carriedFolder = (name: string): string => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

/** `organisation/name`, with `@revision` where a branch or commit is meant. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*(@[\w-][\w.-]*)?$/;
const LOCAL_NAME = /^[\w-][\w.-]*$/;

export interface FindModelOptions extends DownloadOptions {
  /** Where downloaded and copied models lie; null where there is no data directory. */
  readonly folder: string | null;
}

/**
 * The folder of a model: one that the package carries, the name of a folder in the data directory's `models/`, a path,
 * or a Hugging Face id, which is fetched into `models/` the first time.
 *
 * @throws StudioError `model_not_found`, `model_download_failed`
 */
export async function findModelFolder(id: string, options: FindModelOptions): Promise<string> {
  if (CARRIED_MODELS.some((name) => name === id)) return carriedFolder(id);
  const local = options.folder !== null && (HUB_ID.test(id) || LOCAL_NAME.test(id)) ? join(options.folder, id) : null;
  if (local !== null && (await isFolder(local))) return local;
  if ((isAbsolute(id) || /[\\/]/.test(id)) && (await isFolder(id))) return resolve(id);
  if (isAbsolute(id) || id.startsWith('.')) {
    throw new StudioError('model_not_found', `There is no model folder "${id}".`, { hint: 'Check the path.' });
  }
  if (HUB_ID.test(id)) {
    if (local !== null) return await downloadModel(id, local, options);
    throw new StudioError(
      'model_not_found',
      `The model "${id}" would have to be fetched, and there is no data directory to keep it.`,
      {
        hint: 'Start with a data directory, or give the path of a model folder.',
      },
    );
  }
  throw new StudioError('model_not_found', `There is no model "${id}".`, {
    hint: `Known: ${CARRIED_MODELS.join(', ')}; else give the path of a folder or a Hugging Face id as organisation/name.`,
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
