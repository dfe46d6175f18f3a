import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelEnum } from 'sharp';
import { z } from 'zod';
import { StudioError } from '../../../foundation/core/errors.ts';

const rectangle = z.object({ height: z.number().int().positive(), width: z.number().int().positive() });
const shortestEdge = z.object({ shortest_edge: z.number().int().positive() });
const three = z.array(z.number()).length(3);

/** `preprocessor_config.json` as the transformers library writes it; keys that change nothing here are ignored. */
const schema = z.object({
  size: z.union([z.number().int().positive(), shortestEdge, rectangle]),
  resample: z.number().nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_size: z.union([z.number().int().positive(), rectangle]).nullish(),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().nullish(),
  do_normalize: z.boolean().nullish(),
  image_mean: three.nullish(),
  image_std: three.nullish(),
});

/** How pictures become what the graph reads. */
export interface PictureSettings {
  readonly width: number;
  readonly height: number;
  /** The shorter side becomes this long before the centre is cut out; null stretches the whole picture instead. */
  readonly shortestEdge: number | null;
  readonly kernel: keyof KernelEnum;
  /** Per channel, the value that each of the 256 levels becomes. */
  readonly levels: readonly [Float32Array, Float32Array, Float32Array];
}

/** Pillow's numbers for resampling. */
const KERNELS: Readonly<Record<number, keyof KernelEnum>> = { 0: 'nearest', 1: 'lanczos3', 2: 'linear', 3: 'cubic' };

/** Reads the settings of a model folder. Throws `invalid_model`. */
export function readPictureSettings(folder: string): PictureSettings {
  const file = join(folder, 'preprocessor_config.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new StudioError('invalid_model', `${file} is missing or not JSON.`, {
      hint: 'Picture models need it: copy it from the model they were exported from.',
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StudioError(
      'invalid_model',
      `${file} is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}.`,
      {
        hint: 'It must give size, and may give resample, crop_size, rescale_factor, image_mean and image_std.',
      },
    );
  }
  return settingsOf(parsed.data);
}

function settingsOf(config: z.infer<typeof schema>): PictureSettings {
  const size = typeof config.size === 'number' ? { shortest_edge: config.size } : config.size;
  const crop =
    typeof config.crop_size === 'number' ? { height: config.crop_size, width: config.crop_size } : config.crop_size;
  const edge = 'shortest_edge' in size ? size.shortest_edge : null;
  const cropped = config.do_center_crop === true && edge !== null;
  const whole = 'width' in size ? size : { width: size.shortest_edge, height: size.shortest_edge };
  const target = cropped ? (crop ?? whole) : whole;
  return {
    width: target.width,
    height: target.height,
    shortestEdge: cropped ? edge : null,
    kernel: KERNELS[config.resample ?? 3] ?? 'cubic',
    levels: [levelsOf(config, 0), levelsOf(config, 1), levelsOf(config, 2)],
  };
}

function levelsOf(config: z.infer<typeof schema>, channel: number): Float32Array {
  const scale = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  const normalizes = config.do_normalize !== false;
  const mean = normalizes ? (config.image_mean?.[channel] ?? 0.5) : 0;
  const deviation = normalizes ? (config.image_std?.[channel] ?? 0.5) : 1;
  return Float32Array.from({ length: 256 }, (_, level) => (level * scale - mean) / deviation);
}
