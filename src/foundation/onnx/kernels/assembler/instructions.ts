import { signed, unsigned } from './encoding.ts';

/** Instructions of WebAssembly (core and fixed-width SIMD, W3C 2.0) as the bytes they are written with. */
type Code = readonly number[];

export const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPES;

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
/** Alignment hint 2^0 and no constant offset: views need not lie on 16 bytes. */
const anywhere: Code = [0, 0];

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number): Code => [0x21, ...unsigned(index)],
};

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: [0x6a] as Code,
  sub: [0x6b] as Code,
  shiftLeft: [0x74] as Code,
  and: [0x71] as Code,
  below: [0x49] as Code,
};

export const f32 = {
  load: [0x2a, ...anywhere] as Code,
  store: [0x38, ...anywhere] as Code,
  sqrt: [0x91] as Code,
  add: [0x92] as Code,
  sub: [0x93] as Code,
  mul: [0x94] as Code,
  div: [0x95] as Code,
};

export const f32x4 = {
  load: [...simd(0x00), ...anywhere] as Code,
  loadSplat: [...simd(0x09), ...anywhere] as Code,
  store: [...simd(0x0b), ...anywhere] as Code,
  splat: simd(0x13),
  sqrt: simd(0xe3),
  add: simd(0xe4),
  sub: simd(0xe5),
  mul: simd(0xe6),
  div: simd(0xe7),
};

export const f64 = {
  promote: [0xbb] as Code,
  add: [0xa0] as Code,
  mul: [0xa2] as Code,
};

export const f64x2 = {
  /** Two float32 from memory into the low half. */
  loadPair: [...simd(0x5d), ...anywhere] as Code,
  promotePair: simd(0x5f),
  extractLane: (lane: number): Code => [...simd(0x21), lane],
  add: simd(0xf0),
  mul: simd(0xf2),
};

/** Runs `body` while `condition` leaves a non-zero i32. */
export const whileLoop = (condition: Code, body: Code): Code => [
  ...[0x03, 0x40], // loop
  ...condition,
  ...[0x04, 0x40], // if
  ...body,
  ...[0x0c, 0x01], // continue the loop
  0x0b,
  0x0b,
];
