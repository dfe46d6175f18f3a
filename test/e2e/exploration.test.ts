import { beforeAll, describe, expect, it } from 'vitest';
import { swapChain, swapsFor } from '../../src/serving/search/swap-chain.ts';
import type { Studio } from '../../src/studio.ts';
import { DATABASES, studioOpener } from '../support/open-temporary-studio.ts';

const ITEMS = Array.from({ length: 25 }, (_, number) => ({
  id: `tree ${number}`,
  name: `tree ${'leaf '.repeat(number)}`,
  size: number,
}));

describe.each(DATABASES)('exploration on %s', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  const ask = (over: object = {}) =>
    studio.services.search.search('trees', { query: [{ text: 'tree' }], mode: 'lexical', limit: 8, ...over });
  const idsOf = async (over: object = {}) => (await ask(over)).hits.map((hit) => hit.id);
  const recorded = async (searchId: string | null) => {
    // Events ask for the record to be written first.
    await studio.services.feedback.take([{ searchId: searchId as string, itemId: 'none', type: 'click' }]);
    return await studio.database.db
      .selectFrom('searches')
      .select(['item_ids', 'propensities'])
      .where('id', '=', searchId as string)
      .executeTakeFirstOrThrow();
  };
  const set = (exploration: object) => studio.services.collections.updateRanking('trees', { exploration });

  beforeAll(async () => {
    studio = await open();
    const { collections, items } = studio.services;
    await collections.put('trees', {
      fields: { name: { type: 'text', lexical: true }, size: { type: 'number', sort: true, filter: true } },
    });
    const { sequence } = await items.upsert('trees', ITEMS);
    await items.waitIndexed('trees', sequence, 60);
  });

  it('is off at first: the same page every time, recorded with propensities of 1', async () => {
    expect((await studio.services.collections.get('trees')).ranking.exploration).toEqual({ share: 0, depth: 20 });
    const pages = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(pages.map(({ hits }) => JSON.stringify(hits))).size).toBe(1);
    const { item_ids, propensities } = await recorded(pages[0]!.searchId);
    expect(item_ids).toEqual(pages[0]!.hits.map((hit) => hit.id));
    expect(propensities).toEqual(item_ids.map(() => 1));
  });

  it('shows other items now and then, says so when asked, and records how likely each was', async () => {
    await set({ share: 0.4 });
    const ranking = await idsOf({ record: false, limit: 25 });
    const chain = swapChain(8, 20, swapsFor(8, 20, 0.4));
    let moved = 0;
    for (let search = 0; search < 20; search++) {
      const { searchId, hits } = await ask({ explain: true });
      const { item_ids, propensities } = await recorded(searchId);
      expect(item_ids).toEqual(hits.map((hit) => hit.id));
      for (const [slot, { id, position, explain }] of hits.entries()) {
        const rank = ranking.indexOf(id) + 1;
        const chance = rank === slot + 1 ? chain.stays : rank <= 8 ? chain.comes : chain.rises;
        expect(position).toBe(slot + 1);
        expect(propensities[slot]).toBeCloseTo(chance, 9);
        if (rank === position) expect(explain).not.toHaveProperty('exploration');
        else expect(explain!.exploration).toEqual({ rank, propensity: propensities[slot] });
        moved += rank === position ? 0 : 1;
      }
    }
    // 64 of 160 are expected.
    expect(moved).toBeGreaterThan(25);
    expect(moved).toBeLessThan(110);
  });

  it('leaves alone what is not recorded, is sorted, has no query or begins further down', async () => {
    await set({ share: 0.5 });
    for (const over of [{ record: false }, { sort: ['size'] }, { query: [] }, { offset: 3 }]) {
      const pages = await Promise.all(Array.from({ length: 6 }, () => idsOf(over)));
      expect(new Set(pages.map(String)).size).toBe(1);
    }
  });

  it('repeats and loses nothing on later pages', async () => {
    await set({ share: 0.5, depth: 20 });
    for (let round = 0; round < 5; round++) {
      const seen: string[] = [];
      let [page, searchId] = [await ask({ limit: 6 }), null as string | null];
      searchId = page.searchId;
      for (;;) {
        seen.push(...page.hits.map((hit) => hit.id));
        if (page.nextCursor === undefined) break;
        page = await ask({ limit: 6, cursor: page.nextCursor });
        expect(page.searchId).toBe(searchId);
      }
      expect(seen.toSorted()).toEqual(ITEMS.map(({ id }) => id).toSorted());
      const { item_ids, propensities } = await recorded(searchId);
      expect([item_ids, propensities.length]).toEqual([seen, seen.length]);
    }
  });

  it('makes do with fewer hits than its depth', async () => {
    await set({ share: 0.5, depth: 100 });
    const one = await ask({ filter: { range: { size: { gte: 24 } } } });
    expect((await recorded(one.searchId)).propensities).toEqual([1]);
    const two = await ask({ filter: { range: { size: { gte: 23 } } } });
    expect((await recorded(two.searchId)).propensities.every((chance) => Math.abs(chance - 0.5) < 1e-6)).toBe(true);
    const none = await ask({ filter: { range: { size: { gte: 99 } } } });
    expect(none.hits).toEqual([]);
  });

  it('is refused outside its bounds', async () => {
    await expect(set({ share: 0.6 })).rejects.toMatchObject({ code: 'invalid_schema' });
    await expect(set({ depth: 1 })).rejects.toMatchObject({ code: 'invalid_schema' });
    await expect(set({ rate: 0.1 })).rejects.toMatchObject({ code: 'invalid_schema' });
  });

  it('is off for a collection and a release that were stored before it existed', async () => {
    const { db } = studio.database;
    const old = JSON.stringify({ lexicalWeight: 0.6, memory: { enabled: false } });
    await db.updateTable('collections').set({ ranking: old, updated_at: new Date() }).execute();
    await db.updateTable('releases').set({ ranking: old }).execute();
    const { ranking } = await studio.services.collections.refresh('trees');
    expect(ranking.exploration).toEqual({ share: 0, depth: 20 });
    expect(ranking.memory).toMatchObject({ enabled: false, strength: 0.2 });
    expect(new Set((await Promise.all([idsOf(), idsOf(), idsOf()])).map(String)).size).toBe(1);
  });
});
