import { readFile, writeFile } from 'node:fs/promises';
import { gain, level } from '../../../demo/table.ts';
import { normalized } from '../../../src/foundation/core/math.ts';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { bootstrap } from '../../../src/learning/evaluation/bootstrap.ts';
import { mean } from '../../../src/learning/evaluation/metrics.ts';
import { createEncoder } from '../../../src/serving/encoders/onnx-encoder.ts';
import { loadClothing, type Photo } from '../photos.ts';
import { nearest } from './dense-quality.ts';
import { runTraining, workFile } from './run-training.ts';

const FOLDS = 5;
const PAGE = 10;

interface PhotoVectors {
  readonly features: readonly Float32Array[];
  readonly aligned: readonly Float32Array[];
}

async function vectorsOfPhotos(folder: string, photos: readonly Photo[]): Promise<PhotoVectors> {
  const encoder = await createEncoder(folder);
  try {
    const images = await Promise.all(photos.map(async ({ path }) => ({ image: new Uint8Array(await readFile(path)) })));
    const vectors = await encoder.encodeItems(images);
    return {
      features: vectors.map((one) => normalized(one.features as Float32Array)),
      aligned: vectors.map((one) => one.text_aligned as Float32Array),
    };
  } finally {
    await encoder.close();
  }
}

const kindOf = (photo: Photo | undefined): string => photo?.classes.kind ?? '';

/** Share of the ten nearest among `pool` that are of the photo's own class. */
const precision = (
  photos: readonly Photo[],
  vectors: readonly Float32Array[],
  at: number,
  pool: readonly number[],
): number => {
  const others = pool.filter((other) => other !== at);
  const found = nearest(
    vectors[at] as Float32Array,
    others.map((other) => vectors[other] as Float32Array),
    PAGE,
  );
  return found.filter((place) => kindOf(photos[others[place] as number]) === kindOf(photos[at])).length / PAGE;
};

/**
 * The last block and the head of the picture encoder on four fifths of the photos of garments and the names of their
 * classes; the others search, by their features, among all photos and among each other.
 */
export async function measurePictures(model: string, options: readonly string[], seeds: number): Promise<string[][]> {
  const { photos } = loadClothing();
  const all = photos.map((_, at) => at);
  const before = await vectorsOfPhotos(model, photos);
  const figures = {
    all: [[], []] as [number[], number[]],
    held: [[], []] as [number[], number[]],
    named: [[], []] as [number[], number[]],
  };
  const seconds: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const order = createRandom(seed).shuffle(all);
    const held = order.filter((_, place) => place % FOLDS === 0);
    const away = new Set(held);
    const file = await workFile(`garments-${seed}.tsv`);
    const lines = photos.flatMap((photo, at) => (away.has(at) ? [] : [`${photo.path}\t${kindOf(photo)}`]));
    await writeFile(file, lines.join('\n'));
    const run = await runTraining(['--model', model, '--pictures', file, '--seed', String(seed), ...options]);
    seconds.push(run.seconds);
    const after = await vectorsOfPhotos(run.folder, photos);
    for (const [place, vectors] of [before, after].entries()) {
      for (const at of held) {
        figures.all[place]?.push(precision(photos, vectors.features, at, all));
        figures.held[place]?.push(precision(photos, vectors.features, at, held));
        figures.named[place]?.push(precision(photos, vectors.aligned, at, held));
      }
    }
    console.error(
      `pictures, seed ${seed}: ${figures.all.map((values) => mean(values).toFixed(3)).join(' → ')}, ${run.seconds.toFixed(0)} s`,
    );
  }
  const rowOf = (name: string, [first, second]: [number[], number[]]): string[] => [
    name,
    level(bootstrap(first)),
    level(bootstrap(second)),
    gain(bootstrap(second.map((value, at) => value - (first[at] as number)))),
    `${mean(seconds).toFixed(0)} s`,
  ];
  return [
    rowOf('features, among all photos', figures.all),
    rowOf('features, among held-out photos', figures.held),
    rowOf('text-aligned, among held-out photos', figures.named),
  ];
}
