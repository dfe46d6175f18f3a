import type { Clock } from '../../../foundation/core/clock.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { FeedbackSettingsStore } from '../feedback-settings-store.ts';
import { farmedItems } from './farm-guard.ts';
import { readItemClicks, readPassingSessions, readSessions, takeDueClients, writeVerdicts } from './guards-queries.ts';
import { type Suspicion, suspicionsOf } from './session-guards.ts';

const DAY = 86_400_000;
/** Clients inspected in one transaction. */
const CLIENTS = 50;
/** The newest of a session; a robot's thousands say no more than these. */
const MOST = { searches: 500, events: 2000 };

export interface GuardsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settings: FeedbackSettingsStore;
}

/**
 * Sets suspicious sessions aside: they stay in the record, with the reason, and count for nothing until they look
 * better or a person clears them.
 */
export class Guards {
  readonly #options: GuardsOptions;

  constructor(options: GuardsOptions) {
    this.#options = options;
  }

  /**
   * Inspects some of the clients that sent events since they were last inspected, of all or of these. Says whether
   * there are more, and how many sessions count now that did not, or the other way round: their queries are due to be
   * learned again.
   */
  async inspect(
    collectionId: number,
    clients: readonly string[] | null = null,
  ): Promise<{ readonly changed: number; readonly more: boolean }> {
    const { db, clock, settings } = this.#options;
    const { guards } = await settings.of(collectionId);
    const since = new Date(clock.now().getTime() - DAY);
    return await db.transaction().execute(async (transaction) => {
      const due = await takeDueClients(transaction, collectionId, clients, CLIENTS);
      const more = due.length === CLIENTS;
      if (due.length === 0 || !guards.enabled) return { changed: 0, more };
      const sessions = await readSessions(transaction, collectionId, due, since, MOST);
      const verdicts = sessions.map((session) => ({ ...session, suspicions: suspicionsOf(session, guards) }));
      // A farm is seen from many sessions together; looking at one of them again does not clear it.
      const judged = verdicts.filter(({ setAside }) => !setAside?.some(({ code }) => code === 'click_farm'));
      const news = judged.filter(({ setAside, suspicions }) => codesOf(setAside ?? []) !== codesOf(suspicions));
      await writeVerdicts(transaction, news);
      return { changed: news.length, more };
    });
  }

  /** Looks for items that many clients came to click and for nothing else; returns how many sessions that set aside. */
  async inspectFarms(collectionId: number): Promise<number> {
    const { db, clock, settings } = this.#options;
    const { guards } = await settings.of(collectionId);
    if (!guards.enabled) return 0;
    const since = new Date(clock.now().getTime() - DAY);
    const farmed = farmedItems(await readItemClicks(db, collectionId, since), guards);
    if (farmed.length === 0) return 0;
    return await db.transaction().execute(async (transaction) => {
      const sessions = await readPassingSessions(transaction, collectionId, since, farmed);
      await writeVerdicts(
        transaction,
        sessions.map(({ id, itemId }) => ({ id, suspicions: [farmSuspicion(itemId)] })),
      );
      return sessions.length;
    });
  }
}

const codesOf = (suspicions: readonly Suspicion[]): string => suspicions.map(({ code }) => code).join(' ');

const farmSuspicion = (itemId: string): Suspicion => ({
  code: 'click_farm',
  message: `One of many clients that came to click the item ${JSON.stringify(itemId)} and did nothing else.`,
});
