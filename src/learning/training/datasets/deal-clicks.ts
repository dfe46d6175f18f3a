import { createRandom } from '../../../foundation/core/random.ts';
import type { FlatPages } from '../../judgments/from-clicks/flat-pages.ts';

/**
 * The same log, blind: the clicks of each position are dealt to random pages that have the position. Queries, pages, positions and the
 * number of clicks at each stay; what was clicked says nothing any more. What a model still learns from it, it has not learned from clicks.
 */
export function dealClicks(pages: FlatPages, seed: number): FlatPages {
  const places = new Map<number, number[]>();
  for (let page = 0; page < pages.query.length; page++) {
    const [start, end] = [pages.starts[page] as number, pages.starts[page + 1] as number];
    for (let place = start; place < end; place++) {
      const position = (pages.firstPosition[page] as number) + place - start;
      const known = places.get(position);
      if (known === undefined) places.set(position, [place]);
      else known.push(place);
    }
  }
  const random = createRandom(seed);
  const clicked = new Uint8Array(pages.clicked.length);
  for (const [, from] of [...places].sort(([left], [right]) => left - right)) {
    const to = random.shuffle(from);
    for (const [index, place] of from.entries()) clicked[to[index] as number] = pages.clicked[place] as number;
  }
  return { ...pages, clicked };
}
