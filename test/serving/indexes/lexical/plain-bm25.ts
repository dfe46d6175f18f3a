import { createAnalyzer } from '../../../../src/foundation/core/text/analyzer.ts';

interface Weighted {
  readonly text: string;
  readonly weight: number;
}

/** BM25 by the book, over items held in memory: scores of all that match, by key. */
export function plainScores(items: ReadonlyMap<number, readonly Weighted[]>, query: string): Map<number, number> {
  const { analyze, indexTerms } = createAnalyzer('english');
  const documents = [...items].flatMap(([key, fields]) => {
    const terms = fields.flatMap(({ text, weight }) => indexTerms(text).map((term) => ({ term, weight })));
    return terms.length === 0 ? [] : [{ key, terms, length: terms.reduce((sum, { weight }) => sum + weight, 0) }];
  });
  const mean = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  const scores = new Map<number, number>();
  for (const term of analyze(query)) {
    const having = documents.filter(({ terms }) => terms.some((entry) => entry.term === term));
    const idf = Math.log(1 + (documents.length - having.length + 0.5) / (having.length + 0.5));
    for (const { key, terms, length } of having) {
      const frequency = terms.reduce((sum, entry) => sum + (entry.term === term ? entry.weight : 0), 0);
      const score = (idf * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * length) / mean));
      scores.set(key, (scores.get(key) ?? 0) + score);
    }
  }
  return scores;
}
