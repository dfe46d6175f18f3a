import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToHalf, halfToFloat } from '../../../../src/foundation/onnx/graph/half-floats.ts';

describe('half-precision numbers', () => {
  it('come back from float as the same bits, all 65,536 of them', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfToFloat(bits);
      if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
      else if (bits !== 0x8000) expect(floatToHalf(value)).toBe(bits);
    }
    expect(halfToFloat(0x3c00)).toBe(1);
    expect(halfToFloat(0x7bff)).toBe(65_504);
  });

  it('are the nearest to a float, ties to the even one', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65_504, max: 65_504 }), (value) => {
        const bits = floatToHalf(value) & 0x7fff;
        const error = Math.abs(halfToFloat(bits) - Math.abs(value));
        for (const beside of [bits - 1, bits + 1]) {
          if (beside < 0 || beside > 0x7bff) continue;
          const other = Math.abs(halfToFloat(beside) - Math.abs(value));
          expect(error < other || (error === other && bits % 2 === 0)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect(floatToHalf(65_519)).toBe(0x7bff);
    expect(floatToHalf(65_520)).toBe(0x7c00);
    expect(floatToHalf(1e9)).toBe(0x7c00);
  });

  it('of the other kind are the upper half of a float', () => {
    expect(bfloatToFloat(0x3f80)).toBe(1);
    expect(bfloatToFloat(0xc040)).toBe(-3);
  });
});
