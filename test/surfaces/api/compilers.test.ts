import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StudioError } from '../../../src/foundation/core/errors.ts';
import { parseJson } from '../../../src/surfaces/api/body-parsers.ts';
import { closest } from '../../../src/surfaces/api/closest.ts';
import { compileInput } from '../../../src/surfaces/api/compile-input.ts';
import { compileOutput } from '../../../src/surfaces/api/compile-output.ts';
import { searchRequestSchema, searchResponseSchema } from '../../../src/surfaces/api/contract/search.ts';

function refusalOf(work: () => unknown): StudioError {
  try {
    work();
  } catch (error) {
    if (StudioError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the input compiler', () => {
  const check = compileInput(searchRequestSchema, 'body');

  it.each([
    [{ limt: 5 }, 'The body has the unknown key "limt". Did you mean "limit"?'],
    [{ query: { txt: 'a' } }, '"query" in the body has the unknown key "txt". Did you mean "text"?'],
    [
      { query: [{ text: 'a' }, { text: 'b', wieght: 2 }] },
      '"query.1" in the body has the unknown key "wieght". Did you mean "weight"?',
    ],
    [{ query: 5 }, '"query" in the body must be a text, an object or a list.'],
    [{ query: ['a', 5] }, '"query.1" in the body must be a text or an object.'],
    [
      { query: { text: 'a', itemId: 'b' } },
      '"query" in the body needs exactly one of text, image, itemId, vector and fields; give several as a list.',
    ],
    [{ limit: -1 }, '"limit" in the body must be at least 0.'],
    [{ limit: 2.5 }, '"limit" in the body must be a whole number.'],
    [{ mode: 'fuzzy' }, '"mode" in the body must be "hybrid", "vector" or "lexical".'],
    [{ user: '' }, '"user" in the body must have at least 1 character.'],
    [{ offset: 1, cursor: 'x' }, 'The body must not have both offset and cursor.'],
    [[], 'The body must be an object.'],
    [undefined, 'The body is missing.'],
  ])('answers %j in a sentence', (value, sentence) => {
    const refusal = refusalOf(() => check(value));
    expect(refusal.code).toBe('invalid_request');
    expect(refusal.message).toContain(sentence);
  });

  it('lists what is known where nothing is near', () => {
    const small = compileInput(z.strictObject({ alpha: z.string().optional(), beta: z.string().optional() }), 'query');
    expect(refusalOf(() => small({ zzzzzzz: 1 })).message).toBe(
      'The query string has the unknown key "zzzzzzz". Known keys: alpha, beta.',
    );
  });
});

describe('the output compiler', () => {
  const write = compileOutput(searchResponseSchema);

  it('writes any payload as JSON.stringify would', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (payload, score) => {
          const response = {
            searchId: null,
            release: 'r',
            hits: [{ id: 'ä"\u2028', position: 1, score, payload, explain: payload }],
            total: { value: 1, exact: true },
            tookMs: 0.5,
          };
          expect(JSON.parse(write(response))).toEqual(JSON.parse(JSON.stringify(response)));
        },
      ),
    );
  });

  it('leaves out what the contract does not name', () => {
    const response = {
      searchId: 'x',
      release: 'r',
      hits: [],
      total: { value: 0, exact: true, secret: 1 },
      tookMs: 1,
      secret: 'y',
    };
    expect(write(response)).not.toContain('secret');
  });

  it('throws where the answer lacks what the contract promises', () => {
    expect(() => write({ hits: [] })).toThrow();
  });
});

describe('closest', () => {
  it('finds a word from any of its words with two neighbours swapped', () => {
    const words = ['filter', 'facets', 'limit', 'cursor', 'lexicalWeight', 'highlight'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), (word, place) => {
        const at = place % (word.length - 1);
        const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
        expect(closest(swapped, words)).toBe(word);
      }),
    );
  });

  it('does not guess from afar', () => {
    expect(closest('zebra', ['limit', 'filter'])).toBeNull();
  });
});

describe('JSON bodies', () => {
  it('read every JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        expect(parseJson(Buffer.from(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    '{"a":',
    '{"__proto__": {}}',
    '{"a": {"\\u005f_proto__": 1}}',
    "{'a': 1}",
    '\u0000',
  ])('refuse %s', (text) => {
    expect(refusalOf(() => parseJson(Buffer.from(text))).code).toBe('invalid_json');
  });

  it('refuse broken UTF-8', () => {
    expect(refusalOf(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).message).toBe('The body is not valid UTF-8.');
  });

  it('let the word __proto__ pass where it is a value', () => {
    expect(parseJson(Buffer.from('{"title": "__proto__"}'))).toEqual({ title: '__proto__' });
  });
});
