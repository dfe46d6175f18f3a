interface Explained {
  readonly lexical: { readonly score: number; readonly normalized: number; readonly weight: number } | null;
  readonly vector: {
    readonly similarity: number;
    readonly normalized: number;
    readonly weight: number;
    readonly model: string;
  } | null;
  readonly signals: Readonly<Record<string, { readonly boost: number }>>;
  readonly exploration?: { readonly rank: number };
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'} ${Math.abs(value).toFixed(3)}`;

/**
 * Where a score comes from, in one line.
 *
 * @example 'words 0.600 (BM25 1.77) + 0.331 meaning (similarity 0.623, starter) − 0.026 memory'
 */
export function explainHit(explain: Readonly<Record<string, unknown>>): string {
  const { lexical, vector, signals, exploration } = explain as unknown as Explained;
  const words = lexical === null ? 0 : lexical.weight * lexical.normalized;
  const meaning = vector === null ? 0 : vector.weight * vector.normalized;
  return [
    `words ${words.toFixed(3)}${lexical === null ? '' : ` (BM25 ${lexical.score.toFixed(2)})`}`,
    vector === null ? '' : `${signed(meaning)} meaning (similarity ${vector.similarity.toFixed(3)}, ${vector.model})`,
    ...Object.entries(signals).map(([name, { boost }]) => `${signed(boost)} ${name}`),
    exploration === undefined ? '' : `(rank ${exploration.rank}, moved by exploration)`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
