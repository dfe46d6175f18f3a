/**
 * p-values adjusted for looking at several at once (Holm 1979): the chance of any false alarm among them stays below
 * the level at which they are read. In the order given.
 *
 * @example holm([0.01, 0.04]) // [0.02, 0.04]
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((left, right) => pValues[left]! - pValues[right]!);
  const adjusted = [...pValues];
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = highest;
  });
  return adjusted;
}
