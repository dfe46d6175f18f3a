import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryExplanation } from '../../src/learning/improvement/feedback-memory.ts';
import type { Studio } from '../../src/studio.ts';
import { DATABASES, studioOpener } from '../support/open-temporary-studio.ts';

const PLANTS = ['oak', 'birch', 'maple', 'willow', 'cedar', 'pine', 'elm', 'ash', 'beech', 'larch', 'fir', 'yew'];

describe.each(DATABASES)('feedback on %s', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  const ask = (text: string, over: object = {}) =>
    studio.services.search.search('trees', { query: [{ text }], limit: 10, explain: true, ...over });
  const click = (searchId: string | null, itemId: string, over: object = {}) =>
    studio.services.feedback.take([{ searchId: searchId as string, itemId, type: 'click', ...over }]);

  beforeAll(async () => {
    studio = await open();
    const { collections, items } = studio.services;
    await collections.put('trees', { fields: { name: { type: 'text', embed: true, lexical: true } } });
    const { sequence } = await items.upsert(
      'trees',
      PLANTS.map((name) => ({ id: name, name: `${name} tree` })),
    );
    await items.waitIndexed('trees', sequence, 60);
  });

  it('moves an item on the very next search, from anybody, and explains which clicks did it', async () => {
    const before = await ask('tree for my garden', { user: 'ann' });
    const last = before.hits.at(-1)!;
    for (let shopper = 0; shopper < 3; shopper++) {
      const { searchId } = await ask('tree for my garden', { user: `shopper ${shopper}` });
      expect(await click(searchId, last.id)).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    }
    const after = await ask('Tree for  my garden', { user: 'somebody else' });
    const moved = after.hits.find((hit) => hit.id === last.id)!;
    expect(moved.position).toBeLessThan(last.position);
    const memory = moved.explain!.signals.memory!;
    expect(memory.boost).toBeGreaterThan(0);
    expect((memory.why as MemoryExplanation).from[0]).toMatchObject({
      query: 'tree for my garden',
      similarity: 1,
      clicks: expect.closeTo(3, 3),
    });
  });

  it('is shared with near queries, more weakly, and not with others', async () => {
    const boostFor = async (text: string): Promise<number> => {
      const { hits } = await ask(text, { limit: 12 });
      return Math.max(0, ...hits.map((hit) => hit.explain?.signals.memory?.boost ?? 0));
    };
    const same = await boostFor('tree for my garden');
    const near = await boostFor('trees for the garden');
    expect(near).toBeGreaterThan(0);
    expect(near).toBeLessThan(same);
    expect(await boostFor('wooden furniture')).toBe(0);
  });

  it('can be left out of a search, switched off, and forgotten', async () => {
    const boosted = async (over: object = {}) =>
      (await ask('tree for my garden', over)).hits.some((hit) => (hit.explain?.signals.memory?.boost ?? 0) !== 0);
    expect(await boosted()).toBe(true);
    expect(await boosted({ memory: false })).toBe(false);
    await studio.services.collections.updateRanking('trees', { memory: { enabled: false } });
    expect(await boosted()).toBe(false);
    await studio.services.collections.updateRanking('trees', { memory: { enabled: true } });
    expect(await boosted()).toBe(true);
    const { id } = await studio.services.collections.get('trees');
    expect(await studio.services.memory.forget(id, null)).toBe(1);
    expect(await boosted()).toBe(false);
  });

  it('counts an event once, however often it is delivered', async () => {
    const { searchId, hits } = await ask('needle');
    const once = await click(searchId, hits[0]!.id, { eventId: 'e-1' });
    const again = await click(searchId, hits[0]!.id, { eventId: 'e-1' });
    expect([once.accepted, again.accepted, again.duplicates]).toEqual([1, 0, 1]);
  });

  it('refuses what cannot be true, with the reason', async () => {
    const { searchId, hits } = await ask('leaf', { limit: 3 });
    const shown = hits.map((hit) => hit.id);
    const hidden = PLANTS.find((name) => !shown.includes(name))!;
    const codeOf = async (search: string | null, item: string, over: object = {}) =>
      (await click(search, item, over)).rejected[0]?.code;
    expect(await codeOf(searchId, hidden)).toBe('item_not_shown');
    expect(await codeOf('00000000-0000-7000-8000-000000000000', shown[0]!)).toBe('unknown_search');
    expect(await codeOf('no id', shown[0]!)).toBe('unknown_search');
    expect(await codeOf(searchId, shown[0]!, { at: new Date(Date.now() + 3_600_000).toISOString() })).toBe(
      'in_the_future',
    );
    expect(await codeOf(searchId, shown[0]!, { at: '2020-01-01T00:00:00Z' })).toBe('before_the_search');
  });

  it('accepts the good events of a batch and names the bad ones by their place', async () => {
    const { searchId, hits } = await ask('forest', { limit: 2 });
    const result = await studio.services.feedback.take([
      { searchId: 'x', itemId: 'oak', type: 'click' },
      { searchId: searchId as string, itemId: hits[0]!.id, type: 'click' },
    ]);
    expect(result).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'unknown_search' }] });
  });

  it('gives the same memory when learned at once as when learned click by click', async () => {
    const cellsOf = async (text: string) => {
      const { id } = await studio.services.collections.get('trees');
      const all = await studio.services.memory.list(id, null, 100);
      return all.find((memory) => memory.queryKey === text)?.cells;
    };
    const run = async (text: string, batched: boolean) => {
      const shown = [];
      for (let i = 0; i < 4; i++) shown.push(await ask(text, { user: `u${i}`, memory: false, personalize: false }));
      const events = shown.map(({ searchId, hits }, i) => ({
        searchId: searchId as string,
        itemId: hits[i + 2]!.id,
        type: 'click' as const,
        user: `u${i}`,
      }));
      if (batched) await studio.services.feedback.take(events);
      else for (const event of events.toReversed()) await studio.services.feedback.take([event]);
      return Object.entries((await cellsOf(text)) ?? {}).sort();
    };
    const single = await run('bark', false);
    const { id: collectionId } = await studio.services.collections.get('trees');
    await studio.services.memory.forget(collectionId, 'bark');
    const batch = await run('bark', true);
    expect(batch.map(([id]) => id)).toEqual(single.map(([id]) => id));
    for (const [index, [, cell]] of single.entries()) {
      expect(batch[index]?.[1].clicks).toBeCloseTo(cell.clicks, 3);
      expect(batch[index]?.[1].expected).toBeCloseTo(cell.expected, 3);
    }
  });
});

describe('a search whose memory fails', () => {
  const open = studioOpener('pglite');

  it('still answers, and says what it went without', async () => {
    const studio = await open();
    await studio.services.collections.put('few', { fields: { name: { type: 'text', embed: true, lexical: true } } });
    const { sequence } = await studio.services.items.upsert('few', [{ id: 'a', name: 'apple' }]);
    await studio.services.items.waitIndexed('few', sequence, 60);
    await studio.database.db.schema.alterTable('memory_queries').renameTo('gone').execute();
    const { hits, warnings } = await studio.services.search.search('few', { query: [{ text: 'apple' }] });
    expect(hits.map((hit) => hit.id)).toEqual(['a']);
    expect(warnings?.[0]).toContain('memory');
  });
});
