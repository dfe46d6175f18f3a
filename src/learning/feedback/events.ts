import type { Clock } from '../../foundation/core/clock.ts';
import { isId, newId } from '../../foundation/core/ids.ts';
import type { Db } from '../../foundation/database/tables.ts';
import { type EventRow, lockEvents, readShowings, type Showing, storeEvents } from './event-queries.ts';
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
    const named = inputs.flatMap((input, index) => (isId(input.searchId) ? [index] : []));
    const found = await readShowings(
      db,
      named.map((index) => inputs[index]?.searchId ?? ''),
      named.map((index) => inputs[index]?.itemId ?? ''),
    );
    const showings = new Map([...found].map(([place, showing]) => [named[place], showing]));
    const settings = await this.#settingsOf(found.values());

    const rejected: RefusedEvent[] = [];
    const rows = new Map<string, EventRow>();
    let taken = 0;
    inputs.forEach((input, index) => {
      const showing = showings.get(index);
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
    const stored = await db.transaction().execute(async (transaction) => {
      await lockEvents(transaction, 'storing');
      return await storeEvents(transaction, unique, now);
    });
    this.#count(stored.size, taken - stored.size, rejected);
    // The known ones too: the process may have died between storing an event and learning from it, and whoever got no
    // answer sends it again. Learning twice has the effect of once.
    await onEvidence(evidenceOf(unique));
    return { accepted: stored.size, duplicates: taken - stored.size, rejected };
  }

  async #settingsOf(showings: Iterable<Showing>): Promise<Map<number, FeedbackSettings>> {
    const ids = new Set([...showings].map(({ collectionId }) => collectionId));
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
  };
}

function evidenceOf(rows: readonly EventRow[]): NewEvidence[] {
  const telling = rows.filter(({ queryKey }) => queryKey !== null);
  return [...Map.groupBy(telling, ({ collectionId }) => collectionId)].map(([collectionId, own]) => ({
    collectionId,
    queryKeys: [...new Set(own.flatMap(({ queryKey }) => queryKey ?? []))],
    clients: [...new Set(own.map(({ client }) => client))],
  }));
}
