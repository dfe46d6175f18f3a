import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../foundation/core/errors.ts';
import { canonicalJson, sha256 } from '../../../foundation/core/hash.ts';
import type { Model } from '../../../foundation/onnx/graph/graph.ts';
import { writeModelFile } from '../../../foundation/onnx/model-file/write-model.ts';
import { storeSmall } from '../../../foundation/onnx/prepare/store-small.ts';
import type { ModelSpec } from '../../../serving/models/model-spec.ts';
import type { TrainedModel } from '../trainables/trainee.ts';

/** How the result's weights are stored; int8 and fp16 are folded to fp32 again when a model is opened. */
export type WeightStorage = 'fp32' | 'fp16' | 'int8';

/** Where a model comes from: enough to make it again. */
export interface Lineage {
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
}

export interface ResultOptions {
  /** The folder to make; it must not be there. */
  readonly out: string;
  readonly parent: ModelSpec;
  /** Hash of the parent's graph. */
  readonly parentSha256: string;
  readonly models: readonly TrainedModel[];
  readonly lineage: Lineage;
  /** Of vectors that moved; by default one of the result's own. A student that was distilled names its teacher's. */
  readonly space?: string;
  readonly storage?: WeightStorage;
}

/** What a model folder holds beside its graph; whatever of it the parent has goes along. */
const COMPANIONS = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.txt',
  'config.json',
  'preprocessor_config.json',
  'NOTICE',
  'LICENSE',
];
const LICENCE_KEYS = ['licence', 'license'];

/**
 * Writes model folders that say where they come from: `encoder.onnx`, the parent's tokenizer or picture settings, and
 * `card.json`. It appears in one move, whole or not at all.
 *
 * @throws StudioError `invalid_training` when the folder is there already.
 */
export async function writeResult(options: ResultOptions): Promise<void> {
  const out = resolve(options.out);
  await refuseExisting(out);
  const partial = join(dirname(out), `.${basename(out)}.partial`);
  await rm(partial, { recursive: true, force: true });
  const space = options.space ?? ownSpace(out, options);
  for (const trained of options.models) await writeOne(join(partial, trained.folder), trained, space, options);
  await mkdir(dirname(out), { recursive: true });
  await rename(partial, out);
}

/** @throws StudioError `invalid_training` */
export async function refuseExisting(out: string): Promise<void> {
  const there = await stat(out).catch(() => null);
  if (there === null) return;
  throw new StudioError('invalid_training', `The folder ${out} is there already.`, {
    hint: 'Give another one, or remove it: a model is never changed, a new one is made.',
  });
}

/** Two trainings never share a space by a common name. */
const ownSpace = (out: string, { parentSha256, lineage }: ResultOptions): string =>
  `${basename(out)}-${sha256(canonicalJson({ parentSha256, recipe: lineage.recipe, data: lineage.data })).slice(0, 8)}`;

async function writeOne(folder: string, trained: TrainedModel, space: string, options: ResultOptions): Promise<void> {
  const { storage = 'fp32' } = options;
  const parent = trained.parent?.spec ?? options.parent;
  await mkdir(folder, { recursive: true });
  await writeModelFile(stored(trained.model, storage), join(folder, 'encoder.onnx'));
  for (const [name, model] of Object.entries(trained.beside ?? {})) await writeModelFile(model, join(folder, name));
  for (const name of COMPANIONS) await copyFile(join(parent.folder, name), join(folder, name)).catch(ignoreMissing);
  const card = cardOf(basename(resolve(options.out)), trained, space, options);
  await writeFile(join(folder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`, { flush: true });
}

/**
 * A parent that was stored as int8 has its weights on a grid, and a short training moves them by less than half a step of it:
 * rounded to the nearest they would all fall back. Rounded by chance the move survives on average.
 */
function stored(model: Model, storage: WeightStorage): Model {
  if (storage === 'fp32') return model;
  return storeSmall(model, storage === 'fp16' ? 'float16' : 'int8', { rounding: 'stochastic', seed: 1 });
}

function cardOf(name: string, trained: TrainedModel, space: string, options: ResultOptions): Record<string, unknown> {
  const { lineage } = options;
  const parent = trained.parent?.spec ?? options.parent;
  const parentSha256 = trained.parent?.sha256 ?? options.parentSha256;
  const licences = LICENCE_KEYS.flatMap((key) => (parent.card[key] === undefined ? [] : [[key, parent.card[key]]]));
  const outputs = trained.outputs.map(({ name: output, dimensions, pooling, normalized, space: kind }) => {
    const before = parent.outputs.find((one) => one.name === output) ?? parent.outputs[0];
    const chosen = { kept: before?.space, trained: space, own: `${space}:${output}` }[kind];
    return [output, { pooling, normalize: normalized, dimensions, space: chosen }] as const;
  });
  return {
    name,
    version: 1,
    description: `${parent.id}, trained by ${String(lineage.recipe.kind)} on ${String(lineage.data.description)}.`,
    ...Object.fromEntries(licences),
    modality: parent.modality,
    ...(trained.queriesOnly ? { side: 'query' } : {}),
    outputs: Object.fromEntries(outputs),
    maxTokens: parent.maxTokens,
    prefixes: parent.prefixes,
    lineage: {
      parent: { id: parent.id, sha256: parentSha256, lineage: parent.card.lineage },
      ...lineage,
    },
  };
}

const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};
