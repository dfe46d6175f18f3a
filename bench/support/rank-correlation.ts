/** Spearman's rank correlation with mean ranks for ties; null where one side does not vary. */
export function spearman(left: readonly number[], right: readonly number[]): number | null {
  const [a, b] = [meanRanks(left), meanRanks(right)];
  const middle = (left.length + 1) / 2;
  const covariance = a.reduce((sum, rank, index) => sum + (rank - middle) * (b[index]! - middle), 0);
  const spread = (ranks: readonly number[]): number => ranks.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  const scale = Math.sqrt(spread(a) * spread(b));
  return scale === 0 ? null : covariance / scale;
}

function meanRanks(values: readonly number[]): number[] {
  const sorted = [...values].sort((left, right) => left - right);
  return values.map((value) => {
    const first = sorted.indexOf(value);
    const last = sorted.lastIndexOf(value);
    return (first + last) / 2 + 1;
  });
}
