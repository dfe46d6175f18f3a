import type { Clock } from '../../../foundation/core/clock.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { Collection } from '../../../serving/collections/schema.ts';
import type { Events } from '../events.ts';
import { readSearches } from '../feedback-queries.ts';
import type { FeedbackSettingsStore } from '../feedback-settings-store.ts';
import { readAlgoliaEvents } from './algolia.ts';
import type { ForeignEvent, ForeignRefusal } from './read-values.ts';
import { QUERY_ELSEWHERE, recordUbiSearches } from './record-ubi-searches.ts';
import { readUbiEvents } from './ubi-events.ts';
import { readUbiQueries, withShownItems } from './ubi-queries.ts';

export interface ForeignFeedbackOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Makes searches answered before this moment readable. */
  readonly flushSearches: () => Promise<void>;
  readonly events: Pick<Events, 'take'>;
  readonly settings: Pick<FeedbackSettingsStore, 'of'>;
}

export interface UbiTaken {
  /** Searches that were not recorded before. */
  readonly searches: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: ReadonlyArray<ForeignRefusal & { readonly of: 'queries' | 'events' }>;
}

export interface AlgoliaTaken {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly ForeignRefusal[];
}

/** Takes what other systems write about searches and clicks, in their own shapes, into the one log. */
export class ForeignFeedback {
  readonly #options: ForeignFeedbackOptions;

  constructor(options: ForeignFeedbackOptions) {
    this.#options = options;
  }

  /**
   * Documents of OpenSearch's User Behavior Insights. A document that cannot be taken is refused with its place and
   * the reason; the others are stored. The same documents again change nothing.
   */
  async takeUbi(
    collection: Collection,
    documents: { readonly queries: readonly unknown[]; readonly events: readonly unknown[] },
  ): Promise<UbiTaken> {
    const { eventTypes, acceptDays } = await this.#options.settings.of(collection.id);
    const queries = readUbiQueries(collection.name, documents.queries);
    const events = readUbiEvents(collection.name, documents.events, Object.keys(eventTypes));
    const searches = await recordUbiSearches(
      this.#options,
      collection,
      withShownItems(queries.searches, events.events),
      acceptDays,
    );
    const taken = await this.#take(await this.#ofCollection(collection, events.events));
    const rejected = [
      ...inOrder([...queries.refused, ...searches.refused]).map((refusal) => ({ ...refusal, of: 'queries' as const })),
      ...inOrder([...events.refused, ...taken.rejected]).map((refusal) => ({ ...refusal, of: 'events' as const })),
    ];
    return { searches: searches.recorded, accepted: taken.accepted, duplicates: taken.duplicates, rejected };
  }

  /** Events in the shape of Algolia's Insights API; counts are of objects, refusals name the event. */
  async takeAlgolia(documents: readonly unknown[]): Promise<AlgoliaTaken> {
    const { events, refused } = readAlgoliaEvents(documents);
    const taken = await this.#take({ events, refused: [] });
    return { ...taken, rejected: inOrder([...refused, ...taken.rejected]) };
  }

  /** Leaves out events whose search is another collection's. */
  async #ofCollection<E extends ForeignEvent>(collection: Collection, events: readonly E[]) {
    const ids = [...new Set(events.map(({ input }) => input.searchId))];
    const elsewhere = new Set(
      (await readSearches(this.#options.db, ids))
        .filter((search) => search.collectionId !== collection.id)
        .map((search) => search.id),
    );
    const [foreign, own] = [true, false].map((is) => events.filter((one) => elsewhere.has(one.input.searchId) === is));
    const refused = (foreign ?? []).map(({ index }) => ({ index, ...QUERY_ELSEWHERE }));
    return { events: own ?? [], refused };
  }

  async #take({ events, refused }: { events: readonly ForeignEvent[]; refused: readonly ForeignRefusal[] }) {
    const { accepted, duplicates, rejected } =
      events.length === 0
        ? { accepted: 0, duplicates: 0, rejected: [] }
        : await this.#options.events.take(events.map(({ input }) => input));
    return {
      accepted,
      duplicates,
      rejected: [
        ...refused,
        ...rejected.map(({ index, code, message }) => ({ index: events[index]?.index ?? index, code, message })),
      ],
    };
  }
}

const inOrder = (refusals: readonly ForeignRefusal[]): ForeignRefusal[] =>
  refusals.toSorted((left, right) => left.index - right.index);
