import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';
import { presentRun } from './runs.ts';

export function evaluationHandlers({ evaluations, runs }: Services): Handlers<'startEvaluation'> {
  return {
    async startEvaluation({ params, body }) {
      const run = await evaluations.start(params.name, body);
      return presentRun(run, runs.shownInput(run));
    },
  };
}
