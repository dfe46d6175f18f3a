/** Where a query and all its examples stand; no query stands in two parts. */
export const PARTS = ['train', 'validation', 'held-out'] as const;
export type Part = (typeof PARTS)[number];

/** An item that is right for a query, says somebody, and items that are not. */
export interface Example {
  /** By which repetitions of the query are found. */
  readonly queryKey: string;
  /** As it was typed last. */
  readonly query: string;
  readonly itemId: string;
  /** How much it counts, above 0. */
  readonly weight: number;
  /** Ids of items that were seen and passed over, the surest first. */
  readonly negatives: readonly string[];
}
