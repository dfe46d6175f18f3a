import { LARGEST_BANK_BYTES, type MemoryBank } from './memory-bank.ts';
import type { TouchedRows } from './touched-rows.ts';

/** Float arrays that every parameter has, each as long as its value. */
const SLOTS = ['value', 'gradient', 'addend', 'firstMoment', 'secondMoment'] as const;
export type Slot = (typeof SLOTS)[number];

/** Bytes that a parameter of so many floats reserves; written to only where used. */
export const reservedBytes = (count: number): number => SLOTS.length * (count * 4 + 64);

/**
 * A trained weight with all that belongs to it. `addend` takes a further gradient before it is added to `gradient`.
 */
export interface Parameter {
  readonly name: string;
  readonly dims: readonly number[];
  /** Number of elements. */
  readonly count: number;
  readonly bank: MemoryBank;
  /** Byte addresses in the bank. */
  readonly at: Readonly<Record<Slot, number>>;
  readonly view: Readonly<Record<Slot, Float32Array>>;
  /** Whether `gradient` holds one; otherwise its content means nothing. */
  hasGradient: boolean;
  /** For a table that is read and updated by rows; null for what is updated as a whole. */
  rows: TouchedRows | null;
}

/** Room for a parameter in the bank, or null when it is full. */
export function placeParameter(
  bank: MemoryBank,
  name: string,
  dims: readonly number[],
  count: number,
): Parameter | null {
  const addresses = SLOTS.map((slot) => [slot, bank.allocate(count)] as const);
  if (addresses.some(([, address]) => address === null)) return null;
  const at = Object.fromEntries(addresses) as Record<Slot, number>;
  const view = Object.fromEntries(addresses.map(([slot]) => [slot, bank.view(at[slot], count)]));
  return {
    name,
    dims,
    count,
    bank,
    at,
    view: view as Record<Slot, Float32Array>,
    hasGradient: false,
    rows: null,
  };
}

export const fitsBank = (count: number): boolean => reservedBytes(count) < LARGEST_BANK_BYTES;
