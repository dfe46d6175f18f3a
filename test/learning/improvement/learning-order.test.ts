import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { type EventInput, Events } from '../../../src/learning/feedback/events.ts';
import { Evidence } from '../../../src/learning/feedback/evidence.ts';
import { FeedbackSettingsStore } from '../../../src/learning/feedback/feedback-settings-store.ts';
import { Guards } from '../../../src/learning/feedback/guards/guards.ts';
import { SearchLog } from '../../../src/learning/feedback/search-log.ts';
import { Sessions } from '../../../src/learning/feedback/sessions/sessions.ts';
import { FeedbackMemory } from '../../../src/learning/improvement/feedback-memory.ts';
import type { MemoryCells } from '../../../src/learning/improvement/memory-cells.ts';
import { DEFAULT_RANKING } from '../../../src/serving/collections/defaults.ts';
import { hashVector } from '../../support/counting-encoder.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';
import { freshName, openStudio } from '../../support/studio.ts';
import { shownSearch } from '../feedback/shown.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e', 'f'];
const NOW = new Date('2026-06-01T12:00:00Z');

interface Deed {
  readonly search: number;
  readonly itemId: string;
  readonly type: 'click' | 'purchase' | 'dislike';
}
/** How the same deeds are sent: in which order, cut into batches of which sizes, and which of them twice. */
interface Delivery {
  readonly order: readonly number[];
  readonly sizes: readonly number[];
  readonly again: readonly number[];
}

const SEARCHES = 6;
const deeds = fc.array(
  fc.record({
    search: fc.nat(SEARCHES - 1),
    itemId: fc.constantFrom(...ITEMS),
    type: fc.constantFrom('click' as const, 'purchase' as const, 'dislike' as const),
  }),
  { minLength: 1, maxLength: 12 },
);
const delivery = fc.record({
  order: fc.array(fc.integer(), { minLength: 12, maxLength: 12 }),
  sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
  again: fc.array(fc.nat(11), { maxLength: 3 }),
});

describeOnEveryDatabase('what is learned from events', (open) => {
  async function openLearning() {
    const database = await open();
    const { db } = database;
    const { collections } = await openStudio(database);
    const settings = new FeedbackSettingsStore(db);
    const clock = { now: () => NOW };
    const fail = (error: unknown) => expect.unreachable(String(error));
    const log = new SearchLog({ db, onLost: (_, error) => fail(error) });
    const memory = new FeedbackMemory({
      db,
      clock,
      settingsOf: async () => DEFAULT_RANKING.memory,
      anonymityOf: async () => 1,
      eventTypesOf: async (id) => (await settings.of(id)).eventTypes,
      encodeQueries: async (_, texts) =>
        new Map(texts.map((text) => [text, { space: 'counting', vector: hashVector(text) }])),
    });
    const evidence = new Evidence({
      db,
      sessions: new Sessions({ db, settings }),
      guards: new Guards({ db, clock, settings }),
      learn: (collectionId, queryKeys) => memory.learn(collectionId, queryKeys),
      onError: fail,
    });
    const events = new Events({
      db,
      clock,
      settings,
      flushSearches: () => log.flush(),
      onEvidence: (fresh) => evidence.take(fresh),
    });

    /** The state of a collection of its own after the deeds have arrived like this. */
    return async (done: readonly Deed[], { order, sizes, again }: Delivery) => {
      const { collection } = await collections.put(freshName(), { fields: { name: { type: 'text', lexical: true } } });
      const searches = Array.from({ length: SEARCHES }, (_, number) =>
        shownSearch(collection, ITEMS, {
          queryText: number % 2 === 0 ? 'lamp' : 'sofa',
          user: `user ${number % 3}`,
          at: new Date(NOW.getTime() - (number + 1) * 5 * 86_400_000),
        }),
      );
      for (const search of searches) log.record(search);
      const inputs = done.map(({ search, itemId, type }, number): EventInput => {
        const shown = searches[search] ?? expect.unreachable();
        const at = new Date(shown.at.getTime() + (number + 1) * 7000).toISOString();
        return { eventId: `event ${number}`, searchId: shown.searchId, itemId, type, at };
      });
      const arriving = [...inputs.keys(), ...again.filter((number) => number < inputs.length)]
        .sort((left, right) => (order[left] ?? 0) - (order[right] ?? 0))
        .flatMap((number) => inputs[number] ?? []);
      for (let start = 0, batch = 0; start < arriving.length; batch++) {
        const size = sizes[batch % sizes.length] ?? 1;
        const { rejected } = await events.take(arriving.slice(start, start + size));
        expect(rejected).toEqual([]);
        start += size;
      }
      await evidence.settle();
      const { rows } = await sql<{ query_key: string; cells: MemoryCells; clicks: number; excess: number }>`
        select query_key, cells, clicks, excess from memory_queries where collection_id = ${collection.id}
        order by query_key`.execute(db);
      return rows.map(({ query_key, cells, clicks, excess }) => ({
        query: query_key,
        clicks: round(clicks),
        excess: round(excess),
        cells: Object.entries(cells)
          .map(([itemId, cell]) => [itemId, round(cell.clicks), round(cell.expected)])
          .sort(),
      }));
    };
  }

  it('is the same one by one and in batches, in any order, and however often they are sent', async () => {
    const stateAfter = await openLearning();
    await fc.assert(
      fc.asyncProperty(deeds, delivery, async (done, how) => {
        const oneByOne = await stateAfter(done, { order: done.map((_, number) => number), sizes: [1], again: [] });
        expect(await stateAfter(done, how)).toEqual(oneByOne);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

/** Sums of floating point numbers may differ in their last digits by the order of their terms. */
const round = (value: number): number => Math.round(value * 1e9) / 1e9;
