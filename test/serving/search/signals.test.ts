import { expect, it } from 'vitest';
import type { RankingSignal } from '../../../src/serving/search/ranking-signal.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { openSearch } from '../../support/search.ts';

const fields = { name: { type: 'text', embed: true, lexical: true }, kind: { type: 'keyword', filter: true } };
const signal = (name: string, boosts: Record<string, number>): RankingSignal => ({
  name,
  score: async () => new Map(Object.entries(boosts).map(([id, boost]) => [id, { boost, why: null }])),
});
const things = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `t${i}`, name: `thing ${i}`, kind: i % 2 === 0 ? 'even' : 'odd' }));

describeOnEveryDatabase('ranking signals', (open) => {
  it('that fail, or never answer, leave the list as it is and are named', async () => {
    const studio = await openSearch(await open(), {
      fields,
      signals: [
        { name: 'broken', score: () => Promise.reject(new Error('no')) },
        {
          name: 'rude',
          score: () => {
            throw new Error('no promise even');
          },
        },
        { name: 'lost', score: () => new Promise(() => {}) },
        signal('good', { t3: 0.4 }),
      ],
    });
    await studio.put(things(10));
    const { hits, warnings } = await studio.search({ query: [{ text: 'thing' }], explain: true });
    expect(hits).toHaveLength(10);
    expect(hits.find((hit) => hit.id === 't3')?.explain?.signals.good?.boost).toBe(0.4);
    expect(studio.degraded.sort()).toEqual(['broken', 'lost', 'rude']);
    expect(warnings).toHaveLength(3);
    await studio.close();
  });

  it('never bring in what the filter leaves out', async () => {
    const studio = await openSearch(await open(), { fields, signals: [signal('push', { t1: 5, t2: 5 })] });
    await studio.put(things(10));
    const { hits } = await studio.search({ query: [{ text: 'thing' }], filter: { term: { kind: 'even' } } });
    expect(hits[0]?.id).toBe('t2');
    expect(hits.map((hit) => hit.id)).not.toContain('t1');
    await studio.close();
  });

  it('lift an item from below the candidates, and drag none of those that they lower into the list', async () => {
    // The pool is 200: of 300 things 100 are no candidates of a vector search.
    const all = Object.fromEntries(things(300).map(({ id }) => [id, -0.1]));
    const studio = await openSearch(await open(), { fields, signals: [signal('push', { ...all, t7: 5 })] });
    await studio.put(things(300));
    const { hits, total } = await studio.search({ query: [{ text: 'x' }], mode: 'vector' });
    expect(hits[0]?.id).toBe('t7');
    expect(total.value).toBeLessThanOrEqual(201);
    await studio.close();
  });
});
