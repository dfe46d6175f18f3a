import { writeFile } from 'node:fs/promises';
import { readIconItems, readTagQueries } from '../../../demo/icons.ts';
import { gain, level } from '../../../demo/table.ts';
import { createRandom } from '../../../src/foundation/core/random.ts';
import { bootstrap } from '../../../src/learning/evaluation/bootstrap.ts';
import { mean } from '../../../src/learning/evaluation/metrics.ts';
import { type DenseQuery, denseNdcg, vectorsOf } from './dense-quality.ts';
import { runTraining, workFile } from './run-training.ts';

const FOLDS = 5;

interface Tags {
  readonly ids: readonly string[];
  readonly items: readonly string[];
  readonly queries: readonly DenseQuery[];
}

async function loadTags(): Promise<Tags> {
  const icons = await readIconItems({ pictures: false });
  return {
    ids: icons.map(({ id }) => id),
    items: icons.map(({ name, category }) => (category === undefined ? name : `${name}. ${category}`)),
    queries: await readTagQueries(),
  };
}

export interface TagRecipe {
  readonly name: string;
  readonly model: string;
  readonly options: readonly string[];
  /** Items keep the vectors of the model that training began with. */
  readonly queriesOnly?: boolean;
}

/**
 * Tags of four fifths of the queries train; the others are searched by. A seed deals the queries into fifths and orders the
 * batches, so each has other held-out queries.
 */
export async function measureTags(recipe: TagRecipe, seeds: number): Promise<string[]> {
  const tags = await loadTags();
  const [before, after, seen]: [number[], number[], number[]] = [[], [], []];
  const seconds: number[] = [];
  const plainItems = await vectorsOf(recipe.model, tags.items, 'item');
  for (let seed = 1; seed <= seeds; seed++) {
    const dealt = createRandom(seed).shuffle(tags.queries);
    const trained = dealt.filter((_, at) => at % FOLDS !== 0);
    const held = dealt.filter((_, at) => at % FOLDS === 0);
    const files = await writeFiles(tags, trained, seed);
    const run = await runTraining([
      ...['--model', recipe.model, '--pairs', files.pairs, '--catalogue', files.catalogue, '--seed', String(seed)],
      ...recipe.options,
    ]);
    seconds.push(run.seconds);
    const items = recipe.queriesOnly === true ? plainItems : await vectorsOf(run.folder, tags.items, 'item');
    const score = async (folder: string, queries: readonly DenseQuery[], vectors: readonly Float32Array[]) =>
      denseNdcg(
        queries,
        await vectorsOf(
          folder,
          queries.map(({ text }) => text),
          'query',
        ),
        tags.ids,
        vectors,
      );
    before.push(...(await score(recipe.model, held, plainItems)));
    after.push(...(await score(run.folder, held, items)));
    const some = trained.slice(0, held.length);
    const [some0, some1] = [await score(recipe.model, some, plainItems), await score(run.folder, some, items)];
    seen.push(...some1.map((value, at) => value - (some0[at] as number)));
    console.error(
      `${recipe.name}, seed ${seed}: ${mean(before).toFixed(3)} → ${mean(after).toFixed(3)}, ${run.seconds.toFixed(0)} s`,
    );
  }
  return [
    recipe.name,
    level(bootstrap(before)),
    level(bootstrap(after)),
    gain(bootstrap(after.map((value, at) => value - (before[at] as number)))),
    gain(bootstrap(seen)),
    `${mean(seconds).toFixed(0)} s`,
  ];
}

async function writeFiles({ ids, items }: Tags, trained: readonly DenseQuery[], seed: number) {
  const textOf = new Map(ids.map((id, at) => [id, items[at] as string]));
  const pairs = await workFile(`tags-${seed}.tsv`);
  const catalogue = await workFile('icons.txt');
  const lines = trained.flatMap(({ text, relevant }) => [...relevant].map((id) => `${text}\t${textOf.get(id)}`));
  await writeFile(pairs, lines.join('\n'));
  await writeFile(catalogue, items.join('\n'));
  return { pairs, catalogue };
}
