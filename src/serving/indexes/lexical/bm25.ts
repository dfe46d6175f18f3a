/**
 * BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework") with Lucene's idf, which is never
 * negative. Frequencies and lengths are sums over an item's fields, each weighted by the field's weight before
 * saturation: the simple BM25F of Robertson, Zaragoza and Taylor (2004). With all weights 1 it is BM25 over the joined
 * text. Terms of a query count as often as the query has them.
 *
 * score = Σ idf(t) · f · (K1 + 1) / (f + K1 · (1 − B + B · length / mean length)),
 * idf(t) = ln(1 + (N − n + ½) / (n + ½)), with n of N items having t.
 */
export const K1 = 1.2;
export const B = 0.75;

export const idf = (items: number, itemsWithTerm: number): number =>
  Math.log(1 + (items - itemsWithTerm + 0.5) / (itemsWithTerm + 0.5));

/** What an item contributes: weighted frequency by term, and its weighted length in terms. */
export interface TermCounts {
  readonly frequencies: ReadonlyMap<string, number>;
  readonly length: number;
}

export function countTerms(
  content: ReadonlyArray<{ readonly weight: number; readonly text: string }>,
  termsOf: (text: string) => readonly string[],
): TermCounts {
  const frequencies = new Map<string, number>();
  let length = 0;
  for (const { weight, text } of content) {
    for (const term of termsOf(text)) {
      frequencies.set(term, (frequencies.get(term) ?? 0) + weight);
      length += weight;
    }
  }
  return { frequencies, length };
}
