import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Run } from '../../../foundation/jobs/run.ts';
import type { Runs } from '../../../foundation/jobs/runs.ts';
import { CARRIED_MODELS } from '../../../serving/models/find-model-folder.ts';
import { hasBatch } from '../../judgments/from-clicks/log-counts-queries.ts';
import { setExists } from '../../judgments/judgments-queries.ts';
import { inputOf, type TrainingRequest } from './training-request.ts';
import { nameTaken, TRAINING } from './training-run.ts';

export interface TrainingsOptions {
  readonly db: Db;
  readonly runs: Pick<Runs, 'start'>;
  /** Where models lie. */
  readonly modelsFolder: string;
  readonly models: { spec(id: string): Promise<{ readonly modality: 'text' | 'image' }> };
  readonly collections: {
    get(name: string): Promise<{ readonly id: number; readonly models: { readonly text?: string } }>;
  };
}

/**
 * Begins trainings of what was clicked.
 *
 * @example
 * const run = await trainings.start('shop', { recipe: 'query-adapter', source: { batchId } });
 * const { result } = await runs.wait(run.id);
 */
export class Trainings {
  readonly #options: TrainingsOptions;

  constructor(options: TrainingsOptions) {
    this.#options = options;
  }

  /**
   * Throws at once for what could not come out well: `collection_not_found`, `batch_not_found`, `judgment_set_not_found`,
   * `model_not_found`, `invalid_training`, `overloaded`.
   */
  async start(name: string, request: TrainingRequest): Promise<Run> {
    const { db, runs, models, modelsFolder } = this.#options;
    const collection = await this.#options.collections.get(name);
    const batchId = request.source?.batchId;
    if (batchId !== undefined && !(await hasBatch(db, collection.id, batchId)))
      throw new StudioError('batch_not_found', `The collection has no batch ${batchId}.`);
    for (const set of request.sets ?? []) {
      if (!(await setExists(db, collection.id, set)))
        throw new StudioError('judgment_set_not_found', `There is no set of judgments "${set}".`);
    }
    const model = request.model ?? collection.models.text ?? 'starter';
    if ((await models.spec(model)).modality !== 'text') {
      throw new StudioError('invalid_training', `The model "${model}" reads pictures; clicks train models of texts.`, {
        hint: 'Name a model of texts, or train pictures from files: embedding-studio train --pictures.',
      });
    }
    if (request.name !== undefined) {
      const taken =
        CARRIED_MODELS.some((carried) => carried === request.name) ||
        (await stat(join(modelsFolder, request.name)).catch(() => null)) !== null;
      if (taken) throw nameTaken(request.name);
    }
    return await runs.start(TRAINING, collection.id, inputOf(request, name, collection.id, model));
  }
}
