/** Two texts are the same query when they differ only in case, width, accents' composition and blanks. */
export function queryKeyOf(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim().slice(0, 500);
}
