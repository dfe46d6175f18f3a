/** Numbers as a reader wants them: three places, a true minus sign. */
export const figure = (value: number): string =>
  value
    .toFixed(3)
    .replace('-', '−')
    .replace(/^−(0\.0+)$/, '$1');
export const signed = (value: number): string => (Number(value.toFixed(3)) > 0 ? `+${figure(value)}` : figure(value));
export const share = (value: number): string => `${Math.round(100 * value)} %`;

/** A p-value: small ones as a bound, because their digits say nothing. */
export function chance(pValue: number): string {
  if (pValue < 0.001) return '< .001';
  return pValue.toFixed(3).replace(/^0/, '');
}

/** Round steps for an axis, about so many of them, from the lowest to the highest that lie within. */
export function ticks(low: number, high: number, about = 5): number[] {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}
