/** Unsigned LEB128, the variable-length integer of WebAssembly's binary format. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128, for the operands of i32.const. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    bytes.push(done ? low : low + 128);
    if (done) return bytes;
  }
}

/** A vector: its length, then its items. */
export const vector = (items: ReadonlyArray<readonly number[]>): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];

export const text = (value: string): number[] => vector([...Buffer.from(value, 'utf8')].map((byte) => [byte]));

/** A length-prefixed block: sections and function bodies. */
export const block = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
