import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Run, RunSummary } from '../../../foundation/jobs/run.ts';
import type { Handlers } from '../handler.ts';
import type { RunsService, Services } from '../services.ts';

type Names = 'listRuns' | 'getRun' | 'cancelRun' | 'streamRun' | 'getRunReport';

/** Each holds a place among the requests in flight. */
const MAX_STREAMS = 64;
/** Proxies give up a connection on which nothing is said. */
const SILENCE_MILLISECONDS = 15_000;
/** A report carries its style with it and needs nothing else. */
const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

export function runHandlers({ collections, runs }: Services): Handlers<Names> {
  const open = new Set<AbortSignal>();
  return {
    async listRuns({ query: { collection, ...query } }) {
      const collectionId = collection === undefined ? undefined : (await collections.get(collection)).id;
      const page = await runs.list({ ...query, collectionId });
      return { runs: page.runs.map(present), nextCursor: page.nextCursor };
    },
    async getRun({ params }) {
      const run = await runs.get(params.id);
      return presentRun(run, runs.shownInput(run));
    },
    async cancelRun({ params }) {
      const run = await runs.cancel(params.id);
      return presentRun(run, runs.shownInput(run));
    },
    async streamRun({ params, gone }) {
      if (open.size >= MAX_STREAMS) throw new StudioError('overloaded', `${open.size} runs are being watched already.`);
      // Before the first byte: later no status could say so.
      await runs.get(params.id);
      if (!gone.aborted) open.add(gone);
      gone.addEventListener('abort', () => open.delete(gone));
      return {
        mediaType: 'text/event-stream; charset=utf-8',
        content: eventsOf(runs, params.id, gone),
        headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
      };
    },
    async getRunReport({ params }) {
      return {
        mediaType: 'text/html; charset=utf-8',
        content: await runs.report(params.id),
        headers: { 'cache-control': 'no-store', 'content-security-policy': REPORT_POLICY },
      };
    },
  };
}

async function* eventsOf(runs: RunsService, id: string, gone: AbortSignal): AsyncGenerator<string, void, undefined> {
  const changes = runs.watch(id, gone);
  const ask = () => {
    const next = changes.next();
    // Nobody may be left to hear of a failure.
    next.catch(() => {});
    return next;
  };
  try {
    for (let next = ask(); ; ) {
      const change = await orSilence(next);
      if (change === null) {
        yield ': still there\n\n';
        continue;
      }
      if (change.done === true) return;
      yield `event: run\ndata: ${JSON.stringify(present(change.value))}\n\n`;
      next = ask();
    }
  } catch (error) {
    // Its collection was deleted meanwhile, or the database went away: asking again says more.
    if (!StudioError.isInstance(error)) throw error;
    yield `event: error\ndata: ${JSON.stringify(error.toJSON().error)}\n\n`;
  } finally {
    await changes.return(undefined);
  }
}

async function orSilence<T>(next: Promise<T>): Promise<T | null> {
  const over = new AbortController();
  const silence = sleep(SILENCE_MILLISECONDS, null, { signal: over.signal }).catch(() => null);
  try {
    return await Promise.race([next, silence]);
  } finally {
    over.abort();
  }
}

const present = (run: RunSummary) => ({
  id: run.id,
  kind: run.kind,
  collection: run.collection,
  state: run.state,
  progress: run.progress,
  error: run.error,
  cancelRequested: run.cancelRequested,
  attempts: run.attempts,
  createdAt: run.createdAt.toISOString(),
  startedAt: run.startedAt?.toISOString() ?? null,
  endedAt: run.endedAt?.toISOString() ?? null,
});

/** A run as the API answers it. */
export const presentRun = (run: Run, input: object = run.input) => ({ ...present(run), input, result: run.result });
