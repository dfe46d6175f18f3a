import { describe, expect, it } from 'vitest';
import { DATABASES, studioOpener } from '../../support/open-temporary-studio.ts';

const FIELDS = { name: { type: 'text', embed: true, lexical: true } } as const;
const NAMES = ['red wine glass', 'water glass', 'beer mug', 'coffee cup', 'garden chair', 'window cleaner'];

describe.each(DATABASES)('what looks like clicked items (%s)', (database) => {
  const open = studioOpener(database);

  it('is lifted with them although it was never shown, as long as memory takes part', async () => {
    const { collections, items, search, feedback, memory } = (await open()).services;
    const put = async (names: readonly string[]) => {
      const { sequence } = await items.upsert(
        'things',
        names.map((name) => ({ id: name, name })),
      );
      await items.waitIndexed('things', sequence, 60);
    };
    await collections.put('things', { fields: FIELDS });
    await put(NAMES);
    for (const user of ['ann', 'bob', 'eve', 'joe', 'kim']) {
      const { searchId } = await search.search('things', { query: [{ text: 'for my drink' }], user });
      await feedback.take([{ searchId: searchId as string, itemId: 'red wine glass', type: 'click', user }]);
    }
    await put(['white wine glass', 'bicycle']);

    const ask = (over: object) =>
      search.search('things', { query: [{ text: 'for my drink' }], record: false, explain: true, ...over });
    const signalsOf = async (over: object = {}) =>
      new Map((await ask(over)).hits.map((hit) => [hit.id, Object.keys((hit.explain as { signals: object }).signals)]));
    const found = await signalsOf();
    expect(found.get('white wine glass')).toEqual(['lookAlikes']);
    expect(found.get('bicycle')).toEqual([]);
    expect(found.get('red wine glass')).toEqual(['memory']);
    expect(found.get('water glass')).toEqual(['memory']);
    const alike = (await ask({})).hits.find(({ id }) => id === 'white wine glass');
    expect(alike?.explain).toMatchObject({
      signals: { lookAlikes: { boost: expect.any(Number), why: { like: 'red wine glass' } } },
    });

    expect((await signalsOf({ memory: false })).get('white wine glass')).toEqual([]);
    await memory.forget((await collections.get('things')).id, 'for my drink');
    expect((await signalsOf()).get('white wine glass')).toEqual([]);
  });
});
