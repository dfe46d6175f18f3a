import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../src/serving/collections/schema.ts';
import { composeItem } from '../../../src/serving/content/compose.ts';

const fields: Fields = {
  name: { type: 'text', embed: true, lexical: 3 },
  category: { type: 'category', embed: true, filter: true },
  'maker.name': { type: 'keyword', embed: true, lexical: true },
  price: { type: 'number', embed: true },
  in_stock: { type: 'boolean', embed: true },
  tags: { type: 'keyword', lexical: 0.5, multiple: true },
  photo: { type: 'image', embed: true },
  note: { type: 'text' },
};

describe('an item as content', () => {
  it('reads as a name, a full stop and a category', () => {
    expect(composeItem(fields, { name: 'arrow left', category: 'Arrows' }).text).toBe('arrow left. Arrows');
  });

  it('reads nested fields, lists, numbers and booleans as a person would', () => {
    const content = composeItem(fields, {
      name: 'Chair!',
      category: ['Home', 'Chairs'],
      maker: { name: 'Acme' },
      price: 12.5,
      in_stock: true,
      tags: ['wood', 'blue'],
      note: 'unread',
    });
    expect(content.text).toBe('Chair! Home > Chairs. Acme. price: 12.5. in stock: yes');
    expect(content.lexical).toEqual([
      { field: 'name', weight: 3, text: 'Chair!' },
      { field: 'maker.name', weight: 1, text: 'Acme' },
      { field: 'tags', weight: 0.5, text: 'wood, blue' },
    ]);
  });

  it('keeps texts of several lines apart, so that headings begin a line', () => {
    expect(composeItem(fields, { name: '# A\nb', category: 'C' }).text).toBe('# A\nb\n\nC');
  });

  it('gives pictures by their hashes and nothing for an address', () => {
    const hash = 'ab'.repeat(32);
    expect(composeItem(fields, { photo: `blob:${hash}` }).images).toEqual([hash]);
    expect(composeItem(fields, { photo: 'https://example.org/a.png' }).images).toEqual([]);
  });

  it('changes the embed hash only with what the encoder reads, and the lexical hash only with words', () => {
    const before = composeItem(fields, { name: 'a', note: 'x', price: 1 });
    const noted = composeItem(fields, { name: 'a', note: 'y', price: 1 });
    const priced = composeItem(fields, { name: 'a', note: 'x', price: 2 });
    expect(noted).toEqual(before);
    expect(priced.embedHash).not.toBe(before.embedHash);
    expect(priced.lexicalHash).toBe(before.lexicalHash);
  });

  it('takes any JSON object, as structured queries do', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(fields), 'maker'), fc.jsonValue()), (payload) => {
        const content = composeItem(fields, payload as Record<string, unknown>);
        expect(typeof content.text).toBe('string');
        expect(content).toEqual(composeItem(fields, structuredClone(payload) as Record<string, unknown>));
      }),
    );
  });
});
