import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';
import { presentRun } from './runs.ts';

export function trainingHandlers({ trainings, runs }: Services): Handlers<'startTraining'> {
  return {
    async startTraining({ params, body }) {
      const run = await trainings.start(params.name, body);
      return presentRun(run, runs.shownInput(run));
    },
  };
}
