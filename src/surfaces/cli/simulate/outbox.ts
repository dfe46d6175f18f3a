import { setTimeout as sleep } from 'node:timers/promises';
import type { Contract } from '../../api/contract/contract.ts';
import type { Arguments, Client } from '../../sdk/client.ts';

type Event = Arguments<Contract['sendEvents']>[0]['events'][number] & { readonly at: string };

/** Most that one request takes. */
const MOST = 1000;
const STEP_MILLISECONDS = 250;

/** Holds what visitors are going to do until they have done it: no event is sent before its time. */
export class Outbox {
  readonly #client: Client;
  readonly #onSent: (accepted: number, rejected: ReadonlyArray<{ readonly message: string }>) => void;
  /** A visit is sent as a whole when its last event has happened. */
  #visits: Array<{ readonly due: number; readonly events: readonly Event[] }> = [];

  constructor(
    client: Client,
    onSent: (accepted: number, rejected: ReadonlyArray<{ readonly message: string }>) => void,
  ) {
    this.#client = client;
    this.#onSent = onSent;
  }

  add(events: readonly Event[]): void {
    if (events.length > 0) this.#visits.push({ due: Math.max(...events.map(({ at }) => Date.parse(at))), events });
  }

  /** Sends the visits that are over. */
  async sendDue(): Promise<void> {
    const now = Date.now();
    const over = this.#visits.filter(({ due }) => due <= now);
    if (over.length === 0) return;
    this.#visits = this.#visits.filter(({ due }) => due > now);
    const events = over.flatMap((visit) => visit.events);
    for (let from = 0; from < events.length; from += MOST) {
      const { accepted, rejected } = await this.#client.sendEvents({ events: events.slice(from, from + MOST) });
      this.#onSent(accepted, rejected);
    }
  }

  /** Sends what comes due until a moment, in milliseconds since 1970. */
  async sendUntil(moment: number, signal: AbortSignal | undefined): Promise<void> {
    await this.sendDue();
    for (let left = moment - Date.now(); left > 0 && signal?.aborted !== true; left = moment - Date.now()) {
      await sleep(Math.min(left, STEP_MILLISECONDS));
      await this.sendDue();
    }
  }

  /** Waits for all visits to end and sends them. */
  async sendAll(signal: AbortSignal | undefined, onWaiting: (visits: number) => void): Promise<void> {
    await this.sendDue();
    while (this.#visits.length > 0 && signal?.aborted !== true) {
      onWaiting(this.#visits.length);
      await this.sendUntil(Math.min(...this.#visits.map(({ due }) => due)), signal);
    }
  }
}
