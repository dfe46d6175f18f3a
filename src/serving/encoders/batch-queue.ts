import type { EncodeSide } from './messages.ts';

/** An input on its way through the worker; `cost` is its tokens, or 1 for a picture. */
export interface Piece<Content> {
  readonly content: Content;
  readonly cost: number;
}

export interface BatchLimits {
  /** Padded cost of one run: pieces times the longest of them. A single piece may exceed it. */
  readonly maxCost: number;
  /** So many items are looked at together to find some of like length. */
  readonly window: number;
}

/**
 * Inputs that wait for a run. Queries come first, whatever waits among the items. Pieces of like length run together,
 * because the shorter ones of a batch are padded to the longest and padding is work thrown away.
 * Items leave a window completely before the next is opened, so none waits for ever.
 */
export class BatchQueue<Content> {
  readonly #limits: BatchLimits;
  readonly #queries: Array<() => Piece<Content>> = [];
  #items: Array<() => Piece<Content>> = [];
  #taken = 0;
  #window: Piece<Content>[] = [];

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** `prepare` is called once, when the piece comes near its run. */
  add(side: EncodeSide, prepare: () => Piece<Content>): void {
    (side === 'query' ? this.#queries : this.#items).push(prepare);
  }

  get size(): number {
    return this.#queries.length + this.#window.length + this.#items.length - this.#taken;
  }

  /** What runs next; empty when nothing waits. */
  next(): Array<Piece<Content>> {
    if (this.#queries.length > 0) return this.#nextQueries();
    if (this.#window.length === 0) this.#openWindow();
    return takeAlike(this.#window, this.#limits.maxCost);
  }

  /** The oldest queries that fit one run. */
  #nextQueries(): Array<Piece<Content>> {
    const batch: Array<Piece<Content>> = [];
    let longest = 0;
    while (this.#queries.length > 0) {
      const piece = (this.#queries[0] as () => Piece<Content>)();
      longest = Math.max(longest, piece.cost);
      if (batch.length > 0 && longest * (batch.length + 1) > this.#limits.maxCost) {
        this.#queries[0] = () => piece;
        break;
      }
      this.#queries.shift();
      batch.push(piece);
    }
    return batch;
  }

  #openWindow(): void {
    const end = Math.min(this.#items.length, this.#taken + this.#limits.window);
    for (; this.#taken < end; this.#taken++) this.#window.push((this.#items[this.#taken] as () => Piece<Content>)());
    // A moving start instead of shift(), which is linear on long arrays.
    if (this.#taken === this.#items.length || this.#taken > 4096) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    this.#window.sort((left, right) => left.cost - right.cost);
  }
}

/** Takes the longest pieces of a window sorted by cost, as many as fit. */
function takeAlike<Content>(window: Array<Piece<Content>>, maxCost: number): Array<Piece<Content>> {
  const longest = window.at(-1)?.cost ?? 0;
  const count = Math.max(1, Math.floor(maxCost / Math.max(1, longest)));
  return window.splice(Math.max(0, window.length - count), count);
}
