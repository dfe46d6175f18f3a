import type { Clock } from '../../foundation/core/clock.ts';
import { isId, newId } from '../../foundation/core/ids.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { type EventRow, readRecordedSearches, type Showing, storeEvents } from './event-queries.ts';
import type { FeedbackSettings } from './feedback-settings.ts';
import type { FeedbackSettingsStore } from './feedback-settings-store.ts';
import { type Refusal, type RefusedEvent, refused } from './refusals.ts';

export interface EventInput {
  /** Makes a repeated delivery count once. */
  readonly eventId?: string | undefined;
  readonly searchId: string;
  readonly itemId: string;
  /** One of the collection's event types. */
  readonly type: string;
  /** When it happened, ISO 8601; now when left out. */
  readonly at?: string | undefined;
  readonly value?: number | undefined;
  readonly user?: string | undefined;
}

export interface EventsResult {
  readonly accepted: number;
  /** Events that were stored before under the same eventId. */
  readonly duplicates: number;
  readonly rejected: readonly RefusedEvent[];
}

/** New evidence of a collection: which queries and clients it is about. */
export interface NewEvidence {
  readonly collectionId: number;
  readonly queryKeys: readonly string[];
  readonly clients: readonly string[];
}

export interface EventsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settings: FeedbackSettingsStore;
  /** Makes searches answered before this moment readable. */
  readonly flushSearches: () => Promise<void>;
  /** Told about evidence that is stored; may learn from it before the events are acknowledged. Never fails. */
  readonly onEvidence: (evidence: readonly NewEvidence[]) => Promise<void>;
  /** Counts what became of events. */
  readonly onOutcome?: (outcome: 'accepted' | 'duplicate' | Refusal, count: number) => void;
}

const FUTURE_MILLISECONDS = 5 * 60_000;
// Clocks of clients and server differ a little.
const EARLY_MILLISECONDS = 60_000;
const DAY = 86_400_000;

/** Takes events: refuses by reason what cannot be true, stores the rest once, and passes the evidence on. */
export class Events {
  readonly #options: EventsOptions;

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  /** Acknowledged events are stored, on the disk, and will be learned from, whatever happens to this process. */
  async take(inputs: readonly EventInput[]): Promise<EventsResult> {
    const { db, clock, flushSearches, onEvidence } = this.#options;
    const now = clock.now();
    await flushSearches();
    const ids = new Set(inputs.map(({ searchId }) => searchId.toLowerCase()).filter(isId));
    const searches = await readRecordedSearches(db, [...ids]);
    const settings = await this.#settingsOf(searches.values());

    const rejected: RefusedEvent[] = [];
    const rows = new Map<string, EventRow>();
    let taken = 0;
    inputs.forEach((input, index) => {
      const search = searches.get(input.searchId.toLowerCase());
      const showing = search && { ...search, position: search.positionOf(input.itemId) };
      const at = input.at === undefined ? now : new Date(input.at);
      const own = showing && settings.get(showing.collectionId);
      const code = refusalOf(input, showing, own, at, now);
      if (code !== null || showing === undefined || own === undefined) {
        rejected.push(refused(index, code ?? 'unknown_search'));
        return;
      }
      taken++;
      const row = toRow(input, showing, own, at, now);
      rows.set(`${row.collectionId} ${row.id}`, row);
    });

    const unique = [...rows.values()];
    const stored = await storeEvents(db, unique, now);
    this.#count(stored, taken - stored, rejected);
    // The known ones too: the process may have died between storing an event and learning from it, and whoever got no
    // answer sends it again. Learning twice has the effect of once.
    await onEvidence(evidenceOf(unique));
    return { accepted: stored, duplicates: taken - stored, rejected };
  }

  async #settingsOf(searches: Iterable<{ readonly collectionId: number }>): Promise<Map<number, FeedbackSettings>> {
    const ids = new Set([...searches].map(({ collectionId }) => collectionId));
    const entries = [...ids].map(async (id) => [id, await this.#options.settings.of(id)] as const);
    return new Map(await Promise.all(entries));
  }

  #count(accepted: number, duplicates: number, rejected: readonly RefusedEvent[]): void {
    const { onOutcome } = this.#options;
    if (onOutcome === undefined) return;
    onOutcome('accepted', accepted);
    onOutcome('duplicate', duplicates);
    for (const [code, ones] of Map.groupBy(rejected, (one) => one.code)) onOutcome(code, ones.length);
  }
}

function refusalOf(
  input: EventInput,
  showing: Showing | undefined,
  settings: FeedbackSettings | undefined,
  at: Date,
  now: Date,
): Refusal | null {
  if (showing === undefined || settings === undefined) return 'unknown_search';
  if (showing.position === null) return 'item_not_shown';
  if (!Object.hasOwn(settings.eventTypes, input.type)) return 'unknown_type';
  if (at.getTime() > now.getTime() + FUTURE_MILLISECONDS) return 'in_the_future';
  if (now.getTime() - showing.at.getTime() > settings.acceptDays * DAY) return 'too_old';
  if (at.getTime() < showing.at.getTime() - EARLY_MILLISECONDS) return 'before_the_search';
  return null;
}

function toRow(input: EventInput, showing: Showing, settings: FeedbackSettings, at: Date, now: Date): EventRow {
  const says = settings.eventTypes[input.type]?.weight !== 0;
  return {
    id: input.eventId ?? newId(now),
    collectionId: showing.collectionId,
    searchId: showing.searchId,
    itemId: input.itemId,
    type: input.type,
    position: showing.position ?? 0,
    value: input.value ?? null,
    userId: input.user ?? null,
    at,
    queryKey: says ? showing.queryKey : null,
    client: showing.client,
    profileOf: says ? (input.user ?? userOf(showing.client)) : null,
  };
}

/** A client is `user …`, `session …` or `search …`. */
const userOf = (client: string): string | null => (client.startsWith('user ') ? client.slice('user '.length) : null);

function evidenceOf(rows: readonly EventRow[]): NewEvidence[] {
  const telling = rows.filter(({ queryKey }) => queryKey !== null);
  return [...Map.groupBy(telling, ({ collectionId }) => collectionId)].map(([collectionId, own]) => ({
    collectionId,
    queryKeys: [...new Set(own.flatMap(({ queryKey }) => queryKey ?? []))],
    clients: [...new Set(own.map(({ client }) => client))],
  }));
}
