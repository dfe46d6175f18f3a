import { ndcgAt } from '../src/learning/evaluation/metrics.ts';
import { type DemoSearch, PAGE } from './demo-search.ts';
import type { TagQuery } from './icons.ts';

/** nDCG@10 of every query, judged by the icons' own tags over the whole catalogue. Nothing is recorded. */
export async function judge(
  search: DemoSearch,
  queries: readonly TagQuery[],
  mode: 'hybrid' | 'vector' | 'lexical',
  onQuery: () => void,
): Promise<number[]> {
  const scores: number[] = [];
  for (const query of queries) {
    const { ids } = await search.ask(query.text, { record: false, mode });
    scores.push(ndcgAt(ids, new Map([...query.relevant].map((id) => [id, 1])), PAGE));
    onQuery();
  }
  return scores;
}
