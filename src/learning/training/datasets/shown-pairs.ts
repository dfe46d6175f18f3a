import type { FlatPages } from '../../judgments/from-clicks/flat-pages.ts';

/** What happened to a pair of query and item on its pages, by weight of the pages. */
export interface ShownPair {
  clicked: number;
  /** Shown above a click without being clicked: it was surely seen. */
  skippedAbove: number;
}

/** Pairs by query and item, as numbered in the pages. */
export class ShownPairs {
  readonly #items: number;
  readonly #pairs = new Map<number, ShownPair>();

  constructor(pages: FlatPages) {
    this.#items = pages.items.length;
    for (let page = 0; page < pages.query.length; page++) this.#add(pages, page);
  }

  of(query: number, item: number): ShownPair {
    return this.#pairs.get(query * this.#items + item) ?? { clicked: 0, skippedAbove: 0 };
  }

  #add(pages: FlatPages, page: number): void {
    const [start, end] = [pages.starts[page] as number, pages.starts[page + 1] as number];
    const lastClick = pages.clicked.subarray(start, end).lastIndexOf(1);
    const weight = pages.weight[page] as number;
    for (let place = start; place <= start + lastClick; place++) {
      const key = (pages.query[page] as number) * this.#items + (pages.item[place] as number);
      const pair = this.#pairs.get(key) ?? { clicked: 0, skippedAbove: 0 };
      this.#pairs.set(key, pair);
      if (pages.clicked[place] === 1) pair.clicked += weight;
      else pair.skippedAbove += weight;
    }
  }
}
