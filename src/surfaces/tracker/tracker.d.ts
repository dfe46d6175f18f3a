export type Consent = 'granted' | 'denied' | 'pending';

export interface TrackerOptions {
  /** Address of the server, for example `https://search.example.com`; the page's own when left out. */
  readonly endpoint?: string;
  /** The person, when known: the same text that searches send as `user`. */
  readonly user?: string;
  /** A session id of your own; a random one, new after 30 idle minutes, when left out. */
  readonly session?: string;
  /**
   * `pending` when left out: events wait in memory, and nothing is stored or sent before consent is granted.
   * `denied` also removes what was stored.
   */
  readonly consent?: Consent;
  /** True when left out: with Do Not Track or Global Privacy Control on, nothing is stored or sent. */
  readonly respectDoNotTrack?: boolean;
  /** Events that wait at most; the oldest are dropped. 500 when left out. */
  readonly maxQueue?: number;
  /** Where events wait for the network: `localStorage` when left out; null keeps nothing on the device. */
  readonly storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
}

export interface ShownHit {
  readonly itemId: string;
  /** What shows the hit. Clicks inside count, except inside `[data-untracked]`. */
  readonly element: Element;
}

/** No method ever throws; what cannot be tracked is left out. */
export interface Tracker {
  /**
   * Watches the hits of a search: an `impression` once half of the element (or of the screen) was in view for a second,
   * `click`s, and `dwell` in seconds when the person comes back from what the click opened.
   */
  shown(searchId: string | null, hits: Iterable<ShownHit>): void;
  /** A click that is no click on an element given to `shown`. */
  click(searchId: string, itemId: string): void;
  /** `value` is what it was worth, in the shop's currency. */
  convert(searchId: string, itemId: string, type: 'add-to-cart' | 'purchase', value?: number): void;
  /** Any other event type of the collection. */
  event(type: string, searchId: string, itemId: string, value?: number): void;
  /** Sends what waits, now rather than within a second. */
  flush(): Promise<void>;
  /** Stops watching, and sends what waits. */
  close(): void;
  /** Give it to searches as `session`; undefined before consent. */
  readonly session: string | undefined;
  user: string | undefined;
  /** `denied` where the browser asks not to be tracked. */
  consent: Consent;
}

/**
 * Tells an Embedding Studio server what visitors do with the hits of their searches.
 *
 * @example
 * const tracker = createTracker({ endpoint: 'https://search.example.com', consent: 'granted' });
 * const { searchId, hits } = await search({ query: 'oak table', session: tracker.session });
 * tracker.shown(searchId, hits.map(({ id }) => ({ itemId: id, element: document.getElementById(id) })));
 */
export declare function createTracker(options?: TrackerOptions): Tracker;
