import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Studio } from '../../src/studio.ts';
import { DATABASES, studioOpener } from '../support/open-temporary-studio.ts';

const KINDS = ['jazz trumpet concert', 'football stadium match', 'apple pie baking'];
const ITEMS = Array.from({ length: 24 }, (_, number) => ({
  id: `poster-${number}`,
  name: `poster ${KINDS[number % 3]} ${number}`,
  kind: String(number % 3),
}));
const idsOfKind = (kind: number) => ITEMS.flatMap(({ id }, number) => (number % 3 === kind ? [id] : []));

describe.each(DATABASES)('profiles on %s', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  let collectionId: number;
  const search = (over: object = {}) =>
    studio.services.search.search('posters', { query: [{ text: 'poster' }], limit: 24, record: false, ...over });
  const listOf = async (over: object = {}) => (await search(over)).hits.map(({ id, score }) => ({ id, score }));
  const show = (user: string) => studio.services.profiles.show(collectionId, user);

  /** What users do with the items of a kind that a search has shown them. */
  async function act(user: string, kind: number, type = 'click', over: { named?: boolean; most?: number } = {}) {
    const { searchId } = await search({ user, record: true, personalize: false });
    const named = over.named === false ? {} : { user };
    const taken = await studio.services.feedback.take(
      idsOfKind(kind)
        .slice(0, over.most ?? 8)
        .map((itemId, index) => ({
          ...named,
          searchId: searchId as string,
          itemId,
          type,
          eventId: `${user} ${kind} ${type} ${index}`,
        })),
    );
    expect(taken.rejected).toEqual([]);
    return searchId as string;
  }

  beforeAll(async () => {
    studio = await open();
    const { collections, items, feedbackSettings } = studio.services;
    await collections.put('posters', {
      fields: { name: { type: 'text', embed: true, lexical: true }, kind: { type: 'keyword', filter: true } },
      // What others click must not move the lists that are compared here.
      ranking: { memory: { enabled: false }, profile: { strength: 10, limit: 2 } },
    });
    const { sequence } = await items.upsert('posters', ITEMS);
    await items.waitIndexed('posters', sequence, 60);
    collectionId = (await collections.get('posters')).id;
    await feedbackSettings.patch(collectionId, { guards: { enabled: false } });
  }, 120_000);

  it('put what is like the items that a user acted on before the rest', async () => {
    await act('anna', 0, 'purchase');
    const shared = await listOf();
    const own = await listOf({ user: 'anna' });
    const rank = (list: ReadonlyArray<{ id: string }>, kind: number) =>
      list.reduce((sum, { id }, place) => sum + (idsOfKind(kind).includes(id) ? place : 0), 0);
    expect(rank(own, 0)).toBeLessThan(rank(shared, 0));
    expect(new Set(own.slice(0, 8).map(({ id }) => id))).toEqual(new Set(idsOfKind(0)));
    // The same items, in another order.
    expect(own.map(({ id }) => id).sort()).toEqual(shared.map(({ id }) => id).sort());
  });

  it('lead away from what a user dislikes', async () => {
    await act('doris', 0, 'dislike');
    const own = await listOf({ user: 'doris' });
    expect(own.slice(-8).every(({ id }) => idsOfKind(0).includes(id))).toBe(true);
  });

  it('leave everybody else with exactly the shared list', async () => {
    const shared = await listOf();
    expect(await listOf({ user: 'a stranger' })).toEqual(shared);
    expect(await listOf({ user: 'anna', personalize: false })).toEqual(shared);
    const { searchId } = await search({ user: 'only looking', record: true });
    const seen = { searchId: searchId as string, itemId: 'poster-0', user: 'only looking' };
    await studio.services.feedback.take([{ ...seen, type: 'impression' }]);
    expect(await listOf({ user: 'only looking' })).toEqual(shared);
    await studio.services.collections.updateRanking('posters', { profile: { enabled: false } });
    expect(await listOf({ user: 'anna' })).toEqual(shared);
    await studio.services.collections.updateRanking('posters', { profile: { enabled: true } });
    expect(await listOf({ user: 'anna' })).not.toEqual(shared);
  });

  it('are recorded as asked for or not, and explained', async () => {
    const { searchId, hits } = await search({ user: 'anna', personalize: false, record: true, explain: true });
    expect(hits.every(({ explain }) => Object.keys(explain?.signals ?? {}).length === 0)).toBe(true);
    await studio.services.privacy.export('anna', { limit: 1 });
    const { rows } = await sql<{ request: object }>`select request from searches where id = ${searchId}::uuid`.execute(
      studio.database.db,
    );
    expect(rows[0]?.request).toMatchObject({ personalize: false });
    const [best] = (await search({ user: 'anna', explain: true })).hits;
    const { boost, why } = best?.explain?.signals.profile as { boost: number; why: Record<string, number> };
    expect(boost).toBeGreaterThan(0);
    expect(best?.score).toBeCloseTo((best?.explain?.fused as number) + boost, 12);
    expect(why.similarity).toBeGreaterThan(why.meanSimilarity as number);
    expect(why.weight).toBeCloseTo((why.evidence as number) / ((why.evidence as number) + 10), 12);
  });

  it('show the evidence and the items that say so', async () => {
    const profile = await show('anna');
    expect(profile?.evidence).toBeCloseTo(24, 3);
    expect(profile?.items.map(({ itemId, weight }) => [itemId, Math.round(weight)]).sort()).toEqual(
      idsOfKind(0)
        .map((id) => [id, 3])
        .sort(),
    );
    expect(await show('a stranger')).toBeNull();
    expect(await show('only looking')).toBeNull();
  });

  it('count what was done without a name in a named search, and repetitions once', async () => {
    await act('nina', 1, 'click', { named: false });
    const once = await show('nina');
    expect(once?.items).toHaveLength(8);
    await act('nina', 1, 'click', { named: false });
    expect((await show('nina'))?.items).toEqual(once?.items);
  });

  it('forget what lies before a reset, and learn anew', async () => {
    await act('rosa', 0, 'click');
    expect(await show('rosa')).not.toBeNull();
    expect(await studio.services.profiles.reset(collectionId, 'rosa')).toBe(true);
    expect(await show('rosa')).toBeNull();
    expect(await listOf({ user: 'rosa' })).toEqual(await listOf());
    expect(await studio.services.profiles.reset(collectionId, 'rosa')).toBe(false);
    expect(await studio.services.profiles.reset(collectionId, 'a stranger')).toBe(false);
    await act('rosa', 2, 'like', { most: 3 });
    expect((await show('rosa'))?.items.map(({ itemId }) => itemId).sort()).toEqual(idsOfKind(2).slice(0, 3).sort());
  });

  it('leave out sessions that are set aside', async () => {
    await act('ingo', 0, 'click');
    expect(await show('ingo')).not.toBeNull();
    const { sessions } = studio.services;
    const own = (await sessions.list(collectionId, { limit: 100 })).find(({ client }) => client === 'user ingo');
    await sessions.mark(collectionId, own?.id as number, { irrelevant: 'a test' });
    expect(await show('ingo')).toBeNull();
    await sessions.mark(collectionId, own?.id as number, { irrelevant: null });
    expect((await show('ingo'))?.items).toHaveLength(8);
  });

  it('are listed page by page', async () => {
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page = await studio.services.profiles.list(collectionId, after, 2);
      found.push(...page.profiles.map(({ user }) => user));
      after = page.next;
    } while (after !== null);
    expect(found).toEqual(['anna', 'doris', 'ingo', 'nina', 'rosa']);
  });

  it('are made of the vectors that serve now', async () => {
    const before = await show('anna');
    const { db } = studio.database;
    await sql`update profiles set index_id = 987654, embedding = '[1,2]', evidence = 1 where user_id = 'anna'`.execute(
      db,
    );
    const after = await show('anna');
    expect(after?.items).toEqual(before?.items);
    const { rows } = await sql<{ dimensions: number }>`
      select vector_dims(embedding) as dimensions from profiles where user_id = 'anna'`.execute(db);
    expect(rows[0]?.dimensions).toBeGreaterThan(2);
  });

  it('never fail a search', async () => {
    const { db } = studio.database;
    const shared = await listOf();
    await sql`alter table profiles rename to profiles_away`.execute(db);
    try {
      const { hits, warnings } = await search({ user: 'anna' });
      expect(hits.map(({ id, score }) => ({ id, score }))).toEqual(shared);
      expect(warnings).toEqual(['The ranking signal "profile" failed and was left out.']);
    } finally {
      await sql`alter table profiles_away rename to profiles`.execute(db);
    }
  });

  it('go with the searches that they were made of, and with the user', async () => {
    await act('vera', 0, 'click');
    const { searchId } = await search({ user: 'wanda', record: true });
    await studio.services.feedback.take([
      { searchId: searchId as string, itemId: 'poster-0', type: 'purchase', user: 'vera' },
    ]);
    expect((await show('vera'))?.items[0]).toMatchObject({ itemId: 'poster-0' });
    const exported = await studio.services.privacy.export('vera', { limit: 1000 });
    expect(exported.profiles).toMatchObject([{ collection: 'posters', since: null }]);
    expect(exported.profiles[0]?.vector).not.toBeNull();
    // The search of another, with what vera did there.
    await studio.services.privacy.erase('wanda');
    expect(Math.max(...((await show('vera'))?.items ?? []).map(({ weight }) => weight))).toBeCloseTo(1, 3);
    const receipt = await studio.services.privacy.erase('vera');
    expect(receipt.collections).toMatchObject([{ name: 'posters', profiles: 1 }]);
    expect(await show('vera')).toBeNull();
    expect((await studio.services.privacy.export('vera', { limit: 10 })).profiles).toEqual([]);
  });

  it('are on for a collection that was stored before they existed', async () => {
    const { db } = studio.database;
    await sql`update collections set ranking = ranking - 'profile', updated_at = now()`.execute(db);
    const { ranking } = await studio.services.collections.refresh('posters');
    expect(ranking.profile).toMatchObject({ enabled: true, halfLifeDays: 90 });
  });

  it('refuse settings outside their bounds', async () => {
    const set = (profile: object) => studio.services.collections.updateRanking('posters', { profile });
    await expect(set({ strength: -1 })).rejects.toMatchObject({ code: 'invalid_schema' });
    await expect(set({ prior: 0 })).rejects.toMatchObject({ code: 'invalid_schema' });
    await expect(set({ power: 1 })).rejects.toMatchObject({ code: 'invalid_schema' });
  });
});
