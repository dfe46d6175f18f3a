/** Two texts are the same query when they differ only in case, width, accents' composition and blanks. */
export function queryKeyOf(text: string): string {
  const key = text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim().slice(0, 500);
  // A pair of surrogates that was cut in half could not be stored.
  return key.replace(/[\ud800-\udbff]$/, '');
}
