import type { Output } from '../environment.ts';
import type { ProgressSink } from './progress-sink.ts';

const PAUSE_MILLISECONDS = 500;

/** A JSON line now and then, for programs. */
export function jsonProgress(output: Output): ProgressSink {
  let phase = '';
  let total: number | null = null;
  let last = 0;
  const say = (fields: object): void => void output.write(`${JSON.stringify({ progress: { phase, ...fields } })}\n`);
  return {
    start(name, size) {
      phase = name;
      total = size;
      last = 0;
      say({ state: 'started', total });
    },
    update(done, note) {
      if (performance.now() - last < PAUSE_MILLISECONDS) return;
      last = performance.now();
      say({ state: 'running', done, total, note });
    },
    finish: (note) => say({ state: 'finished', note }),
    abandon() {},
  };
}
