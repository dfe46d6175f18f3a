import { createRandom } from '../../../foundation/core/random.ts';
import { type PopulationOptions, population } from '../../../learning/evaluation/simulator/population.ts';
import type { SimulatedEvent } from '../../../learning/evaluation/simulator/visit.ts';
import type { Client } from '../../sdk/client.ts';
import type { JudgedQuery } from './judged-queries.ts';
import { Outbox } from './outbox.ts';
import { type SimulationReport, SimulationTally } from './simulation-tally.ts';

export interface SimulateOptions {
  readonly queries: readonly JudgedQuery[];
  /** Visits: each asks one query, in a session of its own. */
  readonly sessions: number;
  readonly population: PopulationOptions;
  /** Visits that begin in a second; as many as are answered when left out. */
  readonly rate?: number | undefined;
  /** How many times faster than people the visitors look, click and stay. */
  readonly speed?: number | undefined;
  /** Ends it early; what was sent until then stays. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, report: SimulationReport) => void;
}

const PAGE = 10;

/**
 * Simulated visitors use a collection as real clients do: they search, look at the page for as long as people do, and
 * send what they did when they have done it, with its time. Same seed, same visitors asking the same queries; what
 * they click depends on what they are shown.
 *
 * @example
 * const { total } = await simulate(client, 'books', { queries, sessions: 500, population: { seed: 7, shoppers: 100 } });
 */
export async function simulate(
  client: Client,
  collection: string,
  options: SimulateOptions,
): Promise<SimulationReport> {
  const { queries, sessions, rate, speed = 1, signal, onProgress } = options;
  const visitors = population(options.population);
  const order = createRandom(options.population.seed);
  const tally = new SimulationTally();
  const outbox = new Outbox(client, (accepted, rejected) => tally.sent(accepted, rejected));
  const started = Date.now();
  let round: readonly JudgedQuery[] = [];
  for (let visit = 0; visit < sessions && signal?.aborted !== true; visit++) {
    // Every query is asked before one is asked again.
    if (visit % queries.length === 0) round = order.shuffle(queries);
    const { query, attraction } = round[visit % queries.length] as JudgedQuery;
    if (rate !== undefined) await outbox.sendUntil(started + (visit / rate) * 1000, signal);
    const visitor = visitors.next().value;
    const session = `visit-${options.population.seed}-${visit + 1}`;
    const { searchId, hits } = await client.search(collection, {
      query,
      limit: PAGE,
      fields: [],
      user: visitor.user,
      session,
    });
    const shown = Date.now();
    const events = visitor.visit(hits.map(({ id }) => ({ id, attraction: attraction.get(id) ?? 0 })));
    tally.visited(visitor.kind, events);
    outbox.add(events.map((event, index) => toEvent(event, index, searchId as string, visitor.user, shown, speed)));
    onProgress?.(visit + 1, tally.report());
    await outbox.sendDue();
  }
  // The last visitors are still reading.
  await outbox.sendAll(signal, (waiting) => onProgress?.(sessions - waiting, tally.report()));
  return tally.report();
}

function toEvent(event: SimulatedEvent, index: number, searchId: string, user: string, shown: number, speed: number) {
  const { itemId, type, afterMilliseconds, value } = event;
  return {
    eventId: `${searchId} ${index}`,
    searchId,
    itemId,
    type,
    at: new Date(shown + afterMilliseconds / speed).toISOString(),
    user,
    ...(value === undefined ? {} : { value: value / speed }),
  };
}
