import { StudioError } from '../../../foundation/core/errors.ts';
import type { LoggedEvent, LoggedSearch } from '../../feedback/sessions/read-log.ts';
import { decayWeight } from '../click-models/click-session.ts';
import { CollectedQuery } from './collected-query.ts';
import type { FlatPages } from './flat-pages.ts';
import { Numbering } from './numbering.ts';

export interface PageCollectorOptions {
  /** What an event of a type says about an item; a type that is not there says nothing. */
  readonly eventTypes: Readonly<Record<string, { readonly weight: number }>>;
  readonly halfLifeDays: number;
  /** Queries of fewer clients are left out. */
  readonly anonymity: number;
  /** From when on pages are old. */
  readonly now: Date;
  readonly maxPages?: number;
}

export interface CollectedPages {
  readonly pages: FlatPages;
  /** Text by query, as numbered in the pages. */
  readonly texts: readonly string[];
  readonly clicks: number;
  readonly leftOut: {
    readonly superseded: number;
    readonly thin: number;
    readonly old: number;
    readonly blank: number;
  };
}

/** Hits of one page that count. */
const DEPTH = 100;
/** About 300 bytes each here, and three times as much while models are fitted. */
const MAX_PAGES = 1_000_000;
/** What has faded to less does not count. */
const LEAST_WEIGHT = 1e-6;
const DAY = 86_400_000;

/**
 * Makes pages for click models of the record. For one query, a client counts as one, however often it asked: its pages share a weight
 * of 1, so that nobody's clicks on an item count more than once, and looks are thinned like clicks.
 */
export class PageCollector {
  readonly #options: Required<PageCollectorOptions>;
  readonly #queries = new Map<string, CollectedQuery>();
  readonly #items = new Numbering();
  readonly #clients = new Numbering();
  readonly #leftOut = { superseded: 0, thin: 0, old: 0, blank: 0 };
  #kept = 0;

  constructor(options: PageCollectorOptions) {
    this.#options = { maxPages: MAX_PAGES, ...options };
  }

  /** Throws `payload_too_large` when the log has more pages than can be fitted at once. */
  add(search: LoggedSearch): void {
    const { queryKey, query, itemIds, firstPosition } = search;
    if (search.superseded) this.#leftOut.superseded++;
    else if (queryKey === null || queryKey === '' || itemIds.length === 0) this.#leftOut.blank++;
    else {
      const collected = this.#queries.get(queryKey) ?? new CollectedQuery(queryKey);
      this.#queries.set(queryKey, collected);
      const shown = itemIds.slice(0, DEPTH);
      const clicked = this.#clickedOf(search.events);
      const page = {
        client: this.#clients.of(search.client),
        at: search.at.getTime(),
        firstPosition,
        items: Int32Array.from(shown, (itemId) => this.#items.of(itemId)),
        clicked: Uint8Array.from(shown, (itemId) => (clicked.has(itemId) ? 1 : 0)),
      };
      this.#kept += collected.add(page, query ?? queryKey);
      if (this.#kept > this.#options.maxPages) this.#refuse();
    }
  }

  /** Everything added so far, weighted. */
  finish(): CollectedPages {
    const { anonymity } = this.#options;
    const texts: string[] = [];
    const flat = { queries: [] as string[], query: [] as number[], weight: [] as number[], pages: [] as Page[] };
    for (const collected of this.#queries.values()) {
      const pages = collected.pages();
      const ofClient = new Map<number, number>();
      for (const { client } of pages) ofClient.set(client, (ofClient.get(client) ?? 0) + 1);
      this.#leftOut.old += collected.dropped;
      if (ofClient.size < anonymity) {
        this.#leftOut.thin += pages.length;
        continue;
      }
      for (const page of pages) {
        const weight = this.#fadedTo(page.at) / (ofClient.get(page.client) ?? 1);
        if (weight < LEAST_WEIGHT) {
          this.#leftOut.old++;
          continue;
        }
        flat.query.push(texts.length);
        flat.weight.push(weight);
        flat.pages.push(page);
      }
      flat.queries.push(collected.queryKey);
      texts.push(collected.text);
    }
    const pages = flatten(flat, this.#items.texts());
    const clicks = pages.clicked.reduce((sum, clicked) => sum + clicked, 0);
    return { pages, texts, clicks, leftOut: this.#leftOut };
  }

  /** Items with an event that speaks for them and none that speaks against them. */
  #clickedOf(events: readonly LoggedEvent[]): Set<string> {
    const weightOf = ({ type }: LoggedEvent): number => this.#options.eventTypes[type]?.weight ?? 0;
    const liked = new Set(events.filter((event) => weightOf(event) > 0).map(({ itemId }) => itemId));
    for (const event of events) if (weightOf(event) < 0) liked.delete(event.itemId);
    return liked;
  }

  #fadedTo(at: number): number {
    return decayWeight((this.#options.now.getTime() - at) / DAY, this.#options.halfLifeDays);
  }

  #refuse(): never {
    const message = `The log has more than ${this.#options.maxPages} pages, even with the newest of each query alone.`;
    throw new StudioError('payload_too_large', message, { hint: 'Narrow the time with "from" and "to".' });
  }
}

interface Page {
  readonly firstPosition: number;
  readonly items: Int32Array;
  readonly clicked: Uint8Array;
}

function flatten(
  { queries, query, weight, pages }: Record<'query' | 'weight', number[]> & { queries: string[]; pages: Page[] },
  items: readonly string[],
): FlatPages {
  const starts = new Int32Array(pages.length + 1);
  pages.forEach((page, index) => {
    starts[index + 1] = (starts[index] as number) + page.items.length;
  });
  const item = new Int32Array(starts.at(-1) ?? 0);
  const clicked = new Uint8Array(item.length);
  pages.forEach((page, index) => {
    item.set(page.items, starts[index]);
    clicked.set(page.clicked, starts[index]);
  });
  return {
    ...{ queries, items, starts, item, clicked },
    query: Int32Array.from(query),
    weight: Float64Array.from(weight),
    firstPosition: Int32Array.from(pages, ({ firstPosition }) => firstPosition),
  };
}
