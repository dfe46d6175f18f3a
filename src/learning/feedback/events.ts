import type { Clock } from '../../foundation/core/clock.ts';
import { isId, newId } from '../../foundation/core/ids.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { type EventRow, insertEvents, readSearches, type StoredSearch } from './feedback-queries.ts';

export const EVENT_TYPES = [
  'impression',
  'click',
  'dwell',
  'add-to-cart',
  'purchase',
  'like',
  'dislike',
  'skip',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface EventInput {
  /** Makes a repeated delivery count once. */
  readonly eventId?: string | undefined;
  readonly searchId: string;
  readonly itemId: string;
  readonly type: EventType;
  /** When it happened, ISO 8601; now when left out. */
  readonly at?: string | undefined;
  readonly value?: number | undefined;
  readonly user?: string | undefined;
}

export const REFUSALS = {
  unknown_search: 'No recorded search has this searchId; send the searchId of the answer that showed the item.',
  item_not_shown: 'That search did not show this item; send the event with the search that showed it.',
  in_the_future: 'The time of the event lies more than five minutes in the future; check the clock of the client.',
  before_the_search: 'The event is older than the search that it names; check `at`.',
  too_old: 'The search is older than 30 days; events this late are not counted.',
} as const;
export type Refusal = keyof typeof REFUSALS;

export interface EventsResult {
  readonly accepted: number;
  /** Events that were stored before under the same eventId. */
  readonly duplicates: number;
  readonly rejected: ReadonlyArray<{ readonly index: number; readonly code: Refusal; readonly message: string }>;
}

/** Told which queries got new evidence, before the events are acknowledged. */
export type EvidenceListener = (collectionId: number, queryKeys: readonly string[]) => Promise<void>;

export interface EventsOptions {
  readonly db: Db;
  readonly clock: Clock;
  /** Makes searches answered before this moment readable. */
  readonly flushSearches: () => Promise<void>;
  readonly onEvidence: EvidenceListener;
}

const FUTURE_MILLISECONDS = 5 * 60_000;
const LATE_MILLISECONDS = 30 * 86_400_000;
// Clocks of clients and server differ a little.
const EARLY_MILLISECONDS = 60_000;

/** Takes events: refuses by reason what cannot be true, stores the rest once, and passes the evidence on. */
export class Events {
  readonly #options: EventsOptions;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  async take(inputs: readonly EventInput[]): Promise<EventsResult> {
    const { db, clock } = this.#options;
    const now = clock.now();
    await this.#options.flushSearches();
    const ids = [...new Set(inputs.map((input) => input.searchId).filter(isId))];
    const searches = new Map((await readSearches(db, ids)).map((search) => [search.id, search]));

    const rejected: Array<{ index: number; code: Refusal; message: string }> = [];
    const rows: EventRow[] = [];
    inputs.forEach((input, index) => {
      const search = searches.get(input.searchId.toLowerCase());
      const at = input.at === undefined ? now : new Date(input.at);
      const code = refusalOf(input, search, at, now);
      if (code !== null) rejected.push({ index, code, message: REFUSALS[code] });
      else rows.push(toRow(input, search as StoredSearch, at, now));
    });

    const unique = [...new Map(rows.map((row) => [`${row.collectionId} ${row.id}`, row])).values()];
    const stored = await insertEvents(db, unique);
    const fresh = unique.filter((row) => stored.has(row.id));
    // The known ones too: the process may have died, or learning failed, between storing an event and learning from
    // it, and whoever got no answer sends it again. Learning twice has the effect of once.
    await this.#passOn(unique, searches);
    return { accepted: fresh.length, duplicates: rows.length - fresh.length, rejected };
  }

  async #passOn(rows: readonly EventRow[], searches: ReadonlyMap<string, StoredSearch>): Promise<void> {
    const keys = new Map<number, Set<string>>();
    for (const row of rows) {
      const queryKey = searches.get(row.searchId)?.queryKey;
      if (row.type !== 'click' || queryKey === null || queryKey === undefined) continue;
      keys.set(row.collectionId, (keys.get(row.collectionId) ?? new Set()).add(queryKey));
    }
    for (const [collectionId, queryKeys] of keys) await this.#options.onEvidence(collectionId, [...queryKeys]);
  }
}

function refusalOf(input: EventInput, search: StoredSearch | undefined, at: Date, now: Date): Refusal | null {
  if (search === undefined) return 'unknown_search';
  if (!search.itemIds.includes(input.itemId)) return 'item_not_shown';
  if (at.getTime() > now.getTime() + FUTURE_MILLISECONDS) return 'in_the_future';
  if (now.getTime() - search.at.getTime() > LATE_MILLISECONDS) return 'too_old';
  if (at.getTime() < search.at.getTime() - EARLY_MILLISECONDS) return 'before_the_search';
  return null;
}

function toRow(input: EventInput, search: StoredSearch, at: Date, now: Date): EventRow {
  return {
    id: input.eventId ?? newId(now),
    collectionId: search.collectionId,
    searchId: search.id,
    itemId: input.itemId,
    type: input.type,
    position: search.firstPosition + search.itemIds.indexOf(input.itemId),
    value: input.value ?? null,
    userId: input.user ?? null,
    at,
    receivedAt: now,
  };
}
