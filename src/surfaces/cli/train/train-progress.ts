import type { TrainingEvent } from '../../../learning/training/training-event.ts';
import type { Output } from '../environment.ts';
import type { ProgressSink } from '../progress/progress-sink.ts';

/** Shows the events of a training: a JSON line each, or a bar and a sentence where there is something to say. */
export function showTraining(stderr: Output, progress: ProgressSink, json: boolean): (event: TrainingEvent) => void {
  if (json) return (event) => void stderr.write(`${JSON.stringify({ event })}\n`);
  // A line of its own below the bar.
  const apart = stderr.isTTY === true ? '\n' : '';
  let loss = Number.NaN;
  let preparing = '';
  return (event) => {
    switch (event.type) {
      case 'preparing':
        if (preparing !== event.what) progress.start(`encode ${event.what}`, event.total);
        preparing = event.done < event.total ? event.what : '';
        progress.update(event.done, `${event.done}/${event.total}`);
        return preparing === '' ? progress.finish(`${event.total}`) : undefined;
      case 'started':
        stderr.write(
          `${event.trainedParameters.toLocaleString('en')} weights are trained; ${event.memory}.${
            event.firstStep > 0 ? ` Goes on after step ${event.firstStep}.` : ''
          }\n`,
        );
        return progress.start('train', event.steps);
      case 'step':
        loss = event.loss;
        return progress.update(
          event.step,
          `step ${event.step}/${event.steps}, loss ${loss.toFixed(4)}, ${Math.round(event.tokensPerSecond)} tokens/s, ${duration(event.etaSeconds)} left`,
        );
      case 'evaluated':
        return void stderr.write(
          `${apart}step ${event.step}: held-out loss ${event.loss.toFixed(4)}${event.best ? ', the best so far' : ''}\n`,
        );
      case 'checkpointed':
        return;
      case 'finished':
        return progress.finish(
          `${event.step} steps in ${duration(event.seconds)}, loss ${loss.toFixed(4)}${event.stoppedEarly ? '; stopped early' : ''}`,
        );
      case 'cancelled':
        return progress.finish(`cancelled after step ${event.step}`);
    }
  };
}

/** "45 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${seconds < 10 ? seconds.toFixed(1) : whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
