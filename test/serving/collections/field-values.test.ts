import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnalyzer } from '../../../src/foundation/core/text/analyzer.ts';
import { columnsOf } from '../../../src/serving/collections/columns.ts';
import { columnValues, parseDate, readFieldValues } from '../../../src/serving/collections/field-values.ts';
import { mapPath, readPath } from '../../../src/serving/collections/payload-paths.ts';
import type { Field, Fields } from '../../../src/serving/collections/schema.ts';

describe('a date', () => {
  it('is ISO 8601, and UTC when it names no zone', () => {
    expect(parseDate('2026-01-31').toISOString()).toBe('2026-01-31T00:00:00.000Z');
    expect(parseDate('2026-01-31T12:30').toISOString()).toBe('2026-01-31T12:30:00.000Z');
    expect(parseDate('2026-01-31 12:30:15.123456+0200').toISOString()).toBe('2026-01-31T10:30:15.123Z');
    expect(parseDate('0001-01-01').getUTCFullYear()).toBe(1);
  });

  it.each([
    '',
    'today',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2025-02-29',
    '0000-01-01',
    '2026-01-01T25:00',
    '01/02/2026',
    5,
    null,
    {},
    '0001-01-01T00:00:00+12:00',
  ])('is not %j', (value) => {
    expect(() => parseDate(value)).toThrow('ISO 8601');
  });

  it('is read back as the same moment, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          expect(parseDate(date.toISOString())).toEqual(date);
        },
      ),
    );
  });
});

describe('the values of a field', () => {
  const bad: Array<[Field, unknown, RegExp]> = [
    [{ type: 'text' }, 5, /must be a text, not 5/],
    [{ type: 'keyword' }, ['a'], /must be a text/],
    [{ type: 'number' }, '5', /must be a number, not "5"/],
    [{ type: 'number' }, Number.POSITIVE_INFINITY, /must be a number/],
    [{ type: 'boolean' }, 'true', /true or false/],
    [{ type: 'geo' }, { lat: 91, lon: 0 }, /lat between/],
    [{ type: 'geo' }, { lat: 0, lon: '5' }, /lon between/],
    [{ type: 'geo' }, { lat: 0, lon: 0, alt: 5 }, /\{lat, lon\}/],
    [{ type: 'geo' }, [1, 2], /\{lat, lon\}/],
    [{ type: 'category' }, 'a >> b', /empty level/],
    [{ type: 'category' }, [], /empty level/],
    [{ type: 'category' }, ['a', 5], /path/],
    [{ type: 'category' }, new Array(17).fill('a'), /17 levels/],
    [{ type: 'vector' }, [], /list of 1 to/],
    [{ type: 'vector' }, [1, 'x'], /numbers alone/],
    [{ type: 'keyword', multiple: true }, ['a', 5], /must be a text/],
    [{ type: 'keyword', multiple: true }, new Array(1001).fill('a'), /1001 values/],
  ];

  it.each(bad)('of %o are not %j', (field, value, message) => {
    expect(() => readFieldValues(field, value)).toThrow(message);
  });

  it('are none for a missing or null value, and one for a single value of a list', () => {
    for (const type of ['text', 'number', 'date', 'geo', 'category', 'vector'] as const) {
      expect(readFieldValues({ type }, undefined)).toEqual([]);
      expect(readFieldValues({ type }, null)).toEqual([]);
    }
    expect(readFieldValues({ type: 'number', multiple: true }, 5)).toEqual([5]);
  });
});

describe('typed columns', () => {
  const fields: Fields = {
    title: { type: 'text', filter: true, multiple: true },
    paths: { type: 'category', facet: true, multiple: true },
    'maker.name': { type: 'keyword', filter: true, multiple: true },
    plain: { type: 'text' },
    point: { type: 'geo', filter: true },
  };
  const valuesOf = (payload: object) =>
    columnValues(columnsOf(fields), fields, (name) => readPath(payload, name), createAnalyzer('english'));

  it('hold tokens that no phrase crosses, ancestors of every path, and values from lists of objects', () => {
    expect(
      valuesOf({
        title: ['Running shoes', 'red'],
        paths: ['Home > Chairs', ['Home', 'Tables']],
        maker: [{ name: 'Acme' }, { name: 'Bolt' }, {}],
      }),
    ).toEqual({
      f0: ['Running shoes', 'red'],
      f0_tokens: ' run shoe | red ',
      f1: ['Home', 'Home > Chairs', 'Home > Tables'],
      f2: ['Acme', 'Bolt'],
      f4_lat: null,
      f4_lon: null,
    });
  });

  it('are null for what is missing', () => {
    expect(valuesOf({})).toEqual({ f0: null, f0_tokens: null, f1: null, f2: null, f4_lat: null, f4_lon: null });
  });

  it('refuse keywords that no index can hold', () => {
    expect(() => valuesOf({ maker: { name: 'é'.repeat(501) } })).toThrow('declare it as text');
    expect(valuesOf({ maker: { name: 'é'.repeat(500) } }).f2).toEqual(['é'.repeat(500)]);
  });
});

describe('paths into a payload', () => {
  it('never reach into prototypes', () => {
    for (const path of ['__proto__', 'constructor', 'toString', 'a.__proto__.b', 'a.constructor.name'])
      expect(readPath({ a: {} }, path)).toBe(undefined);
  });

  it('replace a value without touching the original', () => {
    const payload = { a: [{ b: 1 }, { b: 2 }, { c: 3 }] };
    expect(mapPath(payload, 'a.b', (value) => Number(value) * 10)).toEqual({ a: [{ b: 10 }, { b: 20 }, { c: 3 }] });
    expect(payload.a[0]).toEqual({ b: 1 });
    expect(mapPath(payload, 'x.y', () => 1)).toEqual(payload);
  });
});
