import { createRandom, type Random } from '../../../foundation/core/random.ts';
import { EXCLUDED } from '../losses/excluded.ts';
import type { Pair, PairSet } from './pair-set.ts';

export interface PairBatchOptions {
  /** Pairs in a batch. */
  readonly pairs: number;
  /** Items in a batch, at least as many as pairs: their items, then their known negatives, then others by chance. */
  readonly items: number;
  readonly seed: number;
  /**
   * What comes once in an epoch: every pair, or every query with one of its items by chance, so that a query with many
   * items counts no more than one with few.
   */
  readonly sample?: 'pairs' | 'queries';
}

export interface PairBatch {
  /** Numbers of the queries, one a pair. */
  readonly queries: readonly number[];
  /** Numbers of the items: those of the pairs first, in their order. */
  readonly items: readonly number[];
  /** How much each pair counts. */
  readonly weights: Float32Array;
}

/** So many candidates per place are looked at for one that brings a query and an item that the batch has not. */
const LOOKED_AT = 8;

/**
 * Endless batches in an order that the seed alone decides. A batch has a query or an item twice only where the data
 * offers nothing else; what is known to be right for another query of the batch is excluded there, not taught as wrong.
 */
export function* pairBatches(set: PairSet, options: PairBatchOptions): Generator<PairBatch, never, void> {
  const random = createRandom(options.seed);
  const next = (options.sample === 'queries' ? oneOfEachQuery : everyPair)(set, random);
  let waiting: Pair[] = [];
  for (;;) {
    const chosen: Pair[] = [];
    const queries = new Set<number>();
    const items = new Set<number>();
    const left: Pair[] = [];
    for (let seen = 0; chosen.length < options.pairs; seen++) {
      const pair = waiting.shift() ?? next.next().value;
      const is = queries.has(pair.query) || items.has(pair.item);
      if (is && seen < options.pairs * LOOKED_AT) left.push(pair);
      else {
        chosen.push(pair);
        queries.add(pair.query);
        items.add(pair.item);
      }
    }
    waiting = [...left, ...waiting];
    yield batchOf(set, chosen, options.items, random);
  }
}

function* everyPair(set: PairSet, random: Random): Generator<Pair, never, void> {
  for (;;) yield* random.shuffle(set.pairs);
}

function* oneOfEachQuery(set: PairSet, random: Random): Generator<Pair, never, void> {
  const byQuery = new Map<number, Pair[]>();
  for (const pair of set.pairs) {
    const group = byQuery.get(pair.query);
    if (group === undefined) byQuery.set(pair.query, [pair]);
    else group.push(pair);
  }
  const groups = [...byQuery.values()];
  for (;;) for (const group of random.shuffle(groups)) yield group[random.integer(group.length)] as Pair;
}

function batchOf(set: PairSet, pairs: readonly Pair[], size: number, random: Random): PairBatch {
  const items = pairs.map((pair) => pair.item);
  const present = new Set(items);
  const add = (item: number): void => {
    if (items.length >= size || present.has(item)) return;
    present.add(item);
    items.push(item);
  };
  for (const { negatives } of pairs)
    if (negatives.length > 0) add(negatives[random.integer(negatives.length)] as number);
  for (let tries = 0; items.length < size && tries < size * LOOKED_AT; tries++) add(random.integer(set.items.length));
  // A catalogue smaller than the batch: items stand in it twice, which the exclusions make harmless where it matters.
  while (items.length < size) items.push(random.integer(set.items.length));
  return {
    queries: pairs.map((pair) => pair.query),
    items,
    weights: Float32Array.from(pairs, (pair) => pair.weight),
  };
}

/**
 * What the data says of a batch's queries and items, `[pairs, items]` each: `gains`, the weight of each item that is right for
 * the query and 0 for the others; `exclusions`, see the losses, of what is right besides the pair's own item.
 */
export function knownOf(
  set: PairSet,
  { queries, items }: PairBatch,
): { gains: Float32Array; exclusions: Float32Array } {
  const gains = new Float32Array(queries.length * items.length);
  const exclusions = new Float32Array(queries.length * items.length);
  queries.forEach((query, row) => {
    items.forEach((item, column) => {
      const gain = set.right[query]?.get(item) ?? 0;
      const place = row * items.length + column;
      gains[place] = gain;
      if (gain > 0 && column !== row) exclusions[place] = EXCLUDED;
    });
  });
  return { gains, exclusions };
}
