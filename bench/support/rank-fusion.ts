/** Reciprocal rank fusion (Cormack et al. 2009): the alternative that the product's fusion is measured against. */
export function reciprocalRankFusion(lists: ReadonlyArray<readonly string[]>, constant = 60): string[] {
  const scores = new Map<string, number>();
  for (const list of lists) {
    list.forEach((id, rank) => {
      scores.set(id, (scores.get(id) ?? 0) + 1 / (constant + rank + 1));
    });
  }
  return [...scores].sort((left, right) => right[1] - left[1]).map(([id]) => id);
}
