import type { Random } from '../src/foundation/core/random.ts';
import { clicksOf, type LookOptions } from '../src/learning/evaluation/simulator/behaviour.ts';
import type { DemoSearch } from './demo-search.ts';
import type { TagQuery } from './icons.ts';

/** A blind shopper clicks about as often as a seeing one does on these pages, but on anything. */
export const BLIND_ATTRACTION = 0.4;

export interface ShoppingOptions extends LookOptions {
  /** How many shoppers ask each query. */
  readonly sessions: number;
  readonly onSearch: () => void;
}

/**
 * Shoppers ask every query through the API, one after the other in a random order, look at the page as people do, and
 * send their clicks. An icon that bears the tag they think of attracts them; nothing else does, but for noise.
 */
export async function letShoppersClick(
  search: DemoSearch,
  queries: readonly TagQuery[],
  random: Random,
  options: ShoppingOptions,
): Promise<{ searches: number; clicks: number }> {
  const visits = random.shuffle(Array.from({ length: options.sessions }, () => queries).flat());
  let clicks = 0;
  for (const query of visits) {
    const shown = await search.ask(query.text, { record: true });
    const attractions = shown.ids.map((id) => (query.relevant.has(id) ? 1 : 0));
    const clicked = clicksOf(attractions, random, options);
    if (clicked.length > 0 && shown.searchId !== null) {
      await search.click(
        shown.searchId,
        clicked.map((index) => shown.ids[index] as string),
      );
    }
    clicks += clicked.length;
    options.onSearch();
  }
  return { searches: visits.length, clicks };
}
