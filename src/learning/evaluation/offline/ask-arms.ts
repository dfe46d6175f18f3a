import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { SearchRequest, SearchResponse } from '../../../serving/search/request.ts';
import { evaluateRun } from '../evaluate-run.ts';
import { type Arm, depthOf, type EvaluationInput } from './evaluation-input.ts';
import type { JudgedQuery } from './judged-queries.ts';

export interface Searcher {
  search(collection: string, request: SearchRequest): Promise<SearchResponse>;
}

export interface AskedArm {
  /** Metric → value of each query, in the order of the queries. `judged@10` is always among them. */
  readonly values: Readonly<Record<string, Float64Array>>;
  /** Releases that answered, the first one first: more than one when it changed meanwhile. */
  readonly releases: readonly string[];
  readonly unanswered: number;
  /** Searches that went on without a part of them. */
  readonly degraded: number;
}

/** Few enough that people who search at the same time hardly notice. */
const CONCURRENCY = 2;
const PATIENCE_TRIES = 6;
const FIRST_PAUSE_MILLISECONDS = 250;

export const JUDGED = 'judged@10';

/** What a search of this arm asks for. Nothing of it is recorded: nobody has looked. */
export const requestOf = (
  { mode, lexicalWeight, memory, filter }: Arm,
  text: string,
  limit: number,
): SearchRequest => ({
  query: [{ text }],
  mode,
  lexicalWeight,
  memory,
  filter,
  limit,
  fields: [],
  record: false,
});

/**
 * Asks every query of every arm, the arms taking turns, so that whatever else happens meanwhile meets all of them alike.
 * Only the values are kept, not the lists.
 */
export async function askArms(
  searcher: Searcher,
  queries: readonly JudgedQuery[],
  input: EvaluationInput,
  signal: AbortSignal,
  onAsked: (done: number) => void,
): Promise<AskedArm[]> {
  const { arms, collection, unjudged, gain, relevantFrom } = input;
  const metrics = [...new Set([...input.metrics, JUDGED])] as typeof input.metrics;
  const limit = Math.max(...metrics.map(depthOf));
  // A condensed list holds only judged items: what it takes to fill it nobody knows beforehand.
  const depth = unjudged === 'skipped' ? Math.max(limit, 100) : limit;
  const asked = arms.map(() => ({
    values: Object.fromEntries(metrics.map((metric) => [metric, new Float64Array(queries.length)])),
    releases: new Set<string>(),
    unanswered: 0,
    degraded: 0,
  }));

  const ask = async (turn: number): Promise<void> => {
    const at = Math.floor(turn / arms.length);
    // Whoever asks first pays for the encoding of the query: each arm in its turn.
    const which = (turn + at) % arms.length;
    const [query, arm, into] = [queries[at], arms[which], asked[which]];
    if (query === undefined || arm === undefined || into === undefined) return;
    const answer = await patiently(signal, () =>
      searcher.search(arm.collection ?? collection, requestOf(arm, query.query, depth)),
    );
    const hits = answer?.hits ?? [];
    if (answer !== null) into.releases.add(answer.release);
    if (hits.length === 0) into.unanswered++;
    if (answer?.warnings !== undefined) into.degraded++;
    const options = { unjudged, gain, ...(relevantFrom === null ? {} : { relevantFrom }) };
    const grades = new Map([[query.query, query.grades]]);
    const lists = new Map([[query.query, hits]]);
    const kept = { ...evaluateRun(lists, grades, { ...options, metrics }).means };
    // Without its unjudged items every list is judged as a whole.
    kept[JUDGED] = evaluateRun(lists, grades, { metrics: [JUDGED] }).means[JUDGED] ?? 0;
    for (const metric of metrics) (into.values[metric] as Float64Array)[at] = kept[metric] ?? 0;
  };

  const turns = queries.length * arms.length;
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < turns) {
      signal.throwIfAborted();
      await ask(next++);
      onAsked(++done);
    }
  };
  // All must have ended before the run may: a failure of one stops the others.
  const workers = await Promise.allSettled(
    Array.from({ length: CONCURRENCY }, () =>
      worker().catch((error) => {
        next = turns;
        throw error;
      }),
    ),
  );
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
  return asked.map(({ releases, ...arm }) => ({ ...arm, releases: [...releases] }));
}

/** Waits where there is too much to do already. Null for a query that cannot be asked: it has no answer. */
async function patiently(signal: AbortSignal, search: () => Promise<SearchResponse>): Promise<SearchResponse | null> {
  for (let tries = 1, pause = FIRST_PAUSE_MILLISECONDS; ; tries++, pause *= 2) {
    try {
      return await search();
    } catch (error) {
      if (!StudioError.isInstance(error)) throw error;
      if (error.code === 'invalid_query') return null;
      if (error.code !== 'overloaded' || tries === PATIENCE_TRIES) throw error;
      await sleep(pause, undefined, { signal });
    }
  }
}
