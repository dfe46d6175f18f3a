import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Contract } from '../api/contract/contract.ts';
import { ApiError } from '../sdk/api-error.ts';
import type { Answer, Client } from '../sdk/client.ts';
import type { ProgressSink } from './progress/progress-sink.ts';

type Run = Answer<Contract['getRun']>;
interface Step {
  readonly done: number;
  readonly total: number | null;
  readonly message?: string;
}

const POLL_MILLISECONDS = 250;

/**
 * Shows how far a run is until it has ended well, and returns it. Throws the error of a run that failed; when `stop` is given,
 * cancels the run, or leaves it to others, and throws `shutting_down`.
 */
export async function waitRun(
  client: Client,
  id: string,
  progress: ProgressSink,
  stop?: AbortSignal,
  onStop: 'cancel' | 'leave' = 'cancel',
): Promise<Run> {
  let phase: string | null = null;
  for (;;) {
    const run = await client.getRun(id);
    const step = run.progress as Step | null;
    if (step !== null && run.endedAt === null) {
      const message = step.message ?? run.kind;
      if (message !== phase) progress.start(message, step.total);
      phase = message;
      progress.update(step.done, `${step.done}${step.total === null ? '' : ` of ${step.total}`}`);
    }
    if (run.endedAt !== null) {
      if (phase !== null) progress.finish(run.state);
      return ended(run);
    }
    if (stop?.aborted === true && onStop === 'leave') {
      throw new StudioError('shutting_down', `Stopped watching: the run ${id} has not ended.`, {
        hint: 'It goes on in the server, or with the next command that opens the installation.',
      });
    }
    if (stop?.aborted === true) {
      await client.cancelRun(id);
      throw new StudioError('shutting_down', `Stopped: the run ${id} was cancelled.`, {
        hint: 'Nothing has been changed; begin it again when you like.',
      });
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function ended(run: Run): Run {
  if (run.state === 'done') return run;
  if (run.error !== null) {
    const { code, message, hint } = run.error;
    throw new ApiError(500, { code, message, ...(hint === undefined ? {} : { hint }) });
  }
  throw new StudioError('shutting_down', `The run ${run.id} was cancelled by somebody else.`, {
    hint: 'Begin it again when you like.',
  });
}
