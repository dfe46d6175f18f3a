import type { ClickSession } from '../click-models/click-session.ts';

/** Pages in a few typed arrays: small enough to hold many, and handed to another thread without a copy. */
export interface FlatPages {
  /** Keys of the queries, and ids of the items, that the arrays below point into. */
  readonly queries: readonly string[];
  readonly items: readonly string[];
  /** By page. */
  readonly query: Int32Array<ArrayBuffer>;
  readonly firstPosition: Int32Array<ArrayBuffer>;
  readonly weight: Float64Array<ArrayBuffer>;
  /** Where each page's hits begin; one more entry than pages. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** By hit, page after page. */
  readonly item: Int32Array<ArrayBuffer>;
  readonly clicked: Uint8Array<ArrayBuffer>;
}

export const buffersOf = ({ query, firstPosition, weight, starts, item, clicked }: FlatPages): ArrayBuffer[] =>
  [query, firstPosition, weight, starts, item, clicked].map(({ buffer }) => buffer);

/** The pages as click models want them. */
export function sessionsOf(pages: FlatPages): ClickSession[] {
  return Array.from(pages.query, (query, page) => {
    const [start, end] = [pages.starts[page] as number, pages.starts[page + 1] as number];
    return {
      queryKey: pages.queries[query] as string,
      itemIds: Array.from(pages.item.subarray(start, end), (item) => pages.items[item] as string),
      firstPosition: pages.firstPosition[page] as number,
      clicks: Array.from(pages.clicked.subarray(start, end), (clicked) => clicked === 1),
      weight: pages.weight[page] as number,
    };
  });
}
