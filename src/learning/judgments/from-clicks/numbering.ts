/** Numbers for texts, in the order in which they are first met. */
export class Numbering {
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  texts(): string[] {
    return [...this.#numbers.keys()];
  }
}
