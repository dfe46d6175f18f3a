import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { at, freeObject, wholeNumber } from './shapes.ts';

export const RUN_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

const runShape = {
  id: z.string(),
  kind: z.string(),
  collection: z.string().nullable(),
  state: z.enum(RUN_STATES),
  /** `{done, total, message?}`, in units of the kind of run. */
  progress: freeObject.nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  cancelRequested: z.boolean(),
  /** More than one when a process died in the middle. */
  attempts: z.int(),
  createdAt: at,
  startedAt: at.nullable(),
  endedAt: at.nullable(),
};
const runSummarySchema = z.object(runShape).meta({ id: 'RunSummary' });
export const runSchema = z
  .object({ ...runShape, input: freeObject, result: freeObject.nullable() })
  .meta({ id: 'Run' });

const runParams = z.strictObject({ id: z.string().max(200) });

export const listRuns = endpoint({
  method: 'GET',
  path: '/v1/runs',
  summary: 'Long work, newest first: what waits, runs and has ended in the last 30 days',
  tag: 'Runs',
  query: z.strictObject({
    collection: z.string().max(200).optional(),
    kind: z.string().min(1).max(100).optional(),
    state: z.enum(RUN_STATES).optional(),
    cursor: z.string().min(1).max(200).optional(),
    limit: wholeNumber(1, 100).optional(),
  }),
  response: z.object({ runs: z.array(runSummarySchema), nextCursor: z.string().nullable() }),
  errors: ['collection_not_found', 'invalid_cursor'],
});

export const getRun = endpoint({
  method: 'GET',
  path: '/v1/runs/:id',
  summary: 'One run, with its input and its result',
  tag: 'Runs',
  params: runParams,
  response: runSchema,
  errors: ['run_not_found'],
});

export const cancelRun = endpoint({
  method: 'POST',
  path: '/v1/runs/:id/cancel',
  summary: 'Ask for the end of a run; one that has ended stays as it is',
  tag: 'Runs',
  params: runParams,
  response: runSchema,
  errors: ['run_not_found'],
});

export const streamRun = endpoint({
  method: 'GET',
  path: '/v1/runs/:id/stream',
  summary: 'Server-sent events `run` with state and progress, until the run has ended',
  tag: 'Runs',
  params: runParams,
  response: 'text/event-stream',
  errors: ['run_not_found'],
});

export const getRunReport = endpoint({
  method: 'GET',
  path: '/v1/runs/:id/report',
  summary: 'What came out of a run, as one HTML page',
  tag: 'Runs',
  params: runParams,
  response: 'text/html',
  errors: ['run_not_found', 'no_report'],
});
