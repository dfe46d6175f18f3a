import { newStemmer } from 'snowball-stemmers';

/**
 * BM25 in memory, written straight from the formula and sharing no code with the product: k1 1.2, b .75, the classic
 * Porter stemmer, words of letters and digits. The lexical index is held against it.
 */
export function plainBm25(
  documents: ReadonlyArray<{ readonly id: string; readonly text: string }>,
): (query: string, limit: number) => string[] {
  const porter = newStemmer('porter');
  const terms = (text: string): string[] =>
    (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => porter.stem(word));
  const postings = new Map<string, Map<number, number>>();
  const lengths: number[] = [];
  documents.forEach(({ text }, document) => {
    const words = terms(text);
    lengths.push(words.length);
    for (const word of words) {
      const list = postings.get(word) ?? new Map<number, number>();
      postings.set(word, list.set(document, (list.get(document) ?? 0) + 1));
    }
  });
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return (query, limit) => {
    const scores = new Map<number, number>();
    for (const term of terms(query)) {
      const list = postings.get(term);
      if (list === undefined) continue;
      const idf = Math.log(1 + (documents.length - list.size + 0.5) / (list.size + 0.5));
      for (const [document, frequency] of list) {
        const score =
          (idf * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * (lengths[document] as number)) / average));
        scores.set(document, (scores.get(document) ?? 0) + score);
      }
    }
    return [...scores]
      .sort((left, right) => right[1] - left[1] || left[0] - right[0])
      .slice(0, limit)
      .map(([document]) => documents[document]?.id as string);
  };
}
