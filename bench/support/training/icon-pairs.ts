import { readIconItems, readTagQueries } from '../../../demo/icons.ts';
import { createRandom } from '../../../src/foundation/core/random.ts';

export interface TextBatch {
  readonly queries: readonly string[];
  readonly items: readonly string[];
}

/** Batches of tags of icons as queries; of the items first the icon of each tag, then other icons. */
export async function iconPairs(queries: number, items: number, batches: number): Promise<TextBatch[]> {
  const icons = await readIconItems({ pictures: false });
  const textOf = new Map(icons.map(({ id, name, category }) => [id, `${name} ${category}`]));
  const random = createRandom(3);
  const tags = random.shuffle(await readTagQueries());
  return Array.from({ length: batches }, (_, batch) => {
    const chosen = tags.slice(batch * queries, (batch + 1) * queries);
    const own = chosen.map(({ relevant }) => textOf.get([...relevant][0] as string) as string);
    const others = random.shuffle([...textOf.values()]).slice(0, items - queries);
    return { queries: chosen.map(({ text }) => text), items: [...own, ...others] };
  });
}
