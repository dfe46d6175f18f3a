/**
 * Collections of photos: does a photo find photos of its class, and does the name of a class find its photos?
 *   node bench/picture-search.ts [--database-url …]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { gain, level, table } from '../demo/table.ts';
import { bootstrap } from '../src/learning/evaluation/bootstrap.ts';
import { dcgAt, ndcgAt, precisionAt } from '../src/learning/evaluation/metrics.ts';
import { createStudio } from '../src/studio.ts';
import { sharedFolder } from '../test/support/shared.ts';
import { loadClothing, loadGrocery, type PhotoSet } from './support/photos.ts';

const { values: options } = parseArgs({ options: { 'database-url': { type: 'string' } } });
/** As stated with the models. */
const STATED: Readonly<Record<string, { readonly image: number; readonly text: number }>> = {
  'grocery fine': { image: 0.333, text: 0.116 },
  'grocery coarse': { image: 0.536, text: 0.215 },
  'clothing kind': { image: 0.457, text: 0.353 },
};
const PAGE = 10;
const THUMBNAIL = 8;

if (sharedFolder() === null) {
  console.log('skipped: no ../shared with photos');
  process.exit(0);
}
const studio = await createStudio({
  dataDirectory: 'memory',
  databaseUrl: options['database-url'],
  log: (severity, message, error) => severity === 'warn' && console.warn(message, error ?? ''),
});
const { collections, items, search } = studio.services;
const imageRows: string[][] = [];
const textRows: string[][] = [];
for (const set of [loadGrocery(), loadClothing()]) await measure(set);
await studio.close();
console.log(
  table(
    ['photo → photos, precision@10 [95 %]', 'product', '8×8 thumbnail', 'difference, paired', 'chance', 'stated'],
    imageRows,
  ),
);
console.log();
console.log(table(['class name → photos, nDCG@10 [95 %]', 'product', 'chance', 'stated'], textRows));

async function measure(set: PhotoSet): Promise<void> {
  const name = `bench-${set.name}`;
  const contents = await Promise.all(set.photos.map(({ path }) => readFile(path)));
  await collections.put(name, { fields: { photo: { type: 'image', embed: true } } });
  const { sequence, errors } = await items.upsert(
    name,
    set.photos.map(({ id }, at) => ({ id, photo: `data:image/jpeg;base64,${contents[at]?.toString('base64')}` })),
  );
  if (errors.length > 0) console.warn(`${errors.length} photos failed`, errors[0]);
  await items.waitIndexed(name, sequence, 600);

  const thumbnails = await Promise.all(contents.map(thumbnailOf));
  const found: string[][] = [];
  const foundByThumbnail: string[][] = [];
  for (const [at, { id }] of set.photos.entries()) {
    // One more than the page, for the photo itself, which does not count.
    const { hits } = await search.search(name, {
      query: [{ image: contents[at]! }],
      limit: PAGE + 1,
      record: false,
      fields: [],
    });
    found.push(hits.map((hit) => hit.id).filter((other) => other !== id));
    foundByThumbnail.push(nearest(thumbnails, at).map((other) => set.photos[other]!.id));
  }
  for (const grouping of set.groupings) {
    const classes = new Map<string, Set<string>>();
    for (const { id, classes: own } of set.photos) {
      const label = own[grouping]!;
      classes.set(label, (classes.get(label) ?? new Set()).add(id));
    }
    const label = `${set.name} ${grouping}`;
    const gradesOf = (photo: (typeof set.photos)[number]): Map<string, number> =>
      new Map([...classes.get(photo.classes[grouping]!)!].filter((id) => id !== photo.id).map((id) => [id, 1]));
    const precisions = (lists: readonly string[][]): number[] =>
      set.photos.map((photo, at) => precisionAt(lists[at]!, gradesOf(photo), PAGE));
    const [own, plain] = [precisions(found), precisions(foundByThumbnail)];
    const atRandom = set.photos.map((photo) => gradesOf(photo).size / (set.photos.length - 1));
    imageRows.push([
      `${label} (${set.photos.length} photos, ${classes.size} classes)`,
      level(bootstrap(own)),
      level(bootstrap(plain)),
      gain(bootstrap(own.map((value, at) => value - plain[at]!))),
      fixed(bootstrap(atRandom).mean),
      fixed(STATED[label]!.image),
    ]);
    textRows.push([label, ...(await byName(name, classes, set.photos.length)), fixed(STATED[label]!.text)]);
  }
  await collections.delete(name);
}

async function byName(
  name: string,
  classes: ReadonlyMap<string, ReadonlySet<string>>,
  photos: number,
): Promise<string[]> {
  const scores: number[] = [];
  const chances: number[] = [];
  for (const [text, ids] of classes) {
    const { hits } = await search.search(name, { query: [{ text }], limit: PAGE, record: false, fields: [] });
    const grades = new Map([...ids].map((id) => [id, 1]));
    scores.push(
      ndcgAt(
        hits.map((hit) => hit.id),
        grades,
        PAGE,
      ),
    );
    const ideal = dcgAt(Array(ids.size).fill(1), PAGE);
    chances.push(((ids.size / photos) * dcgAt(Array(PAGE).fill(1), PAGE)) / ideal);
  }
  return [level(bootstrap(scores)), fixed(bootstrap(chances).mean)];
}

/** The colours of 8 × 8 squares: what a search without a model could go by. */
async function thumbnailOf(content: Uint8Array): Promise<Float32Array> {
  const pixels = await sharp(content)
    .autoOrient()
    .resize(THUMBNAIL, THUMBNAIL, { fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  return Float32Array.from(pixels);
}

/** Places of the nearest by squared distance, without the one itself. */
function nearest(vectors: readonly Float32Array[], at: number): number[] {
  const from = vectors[at]!;
  const distances = vectors.map((vector) => vector.reduce((sum, value, i) => sum + (value - from[i]!) ** 2, 0));
  return distances
    .map((_, other) => other)
    .filter((other) => other !== at)
    .sort((left, right) => distances[left]! - distances[right]!)
    .slice(0, PAGE);
}

function fixed(value: number): string {
  return value.toFixed(3).replace(/^0\./, '.');
}
