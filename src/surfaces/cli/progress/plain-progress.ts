import type { Output } from '../environment.ts';
import type { ProgressSink } from './progress-sink.ts';

const PAUSE_MILLISECONDS = 2000;

/** A line now and then, for logs. */
export function plainProgress(output: Output): ProgressSink {
  let phase = '';
  let total: number | null = null;
  let last = 0;
  return {
    start(name, size) {
      phase = name;
      total = size;
      last = performance.now();
    },
    update(done, note) {
      if (performance.now() - last < PAUSE_MILLISECONDS) return;
      last = performance.now();
      output.write(
        `${phase}: ${total === null || total === 0 ? '' : `${Math.floor((100 * done) / total)} % `}${note}\n`,
      );
    },
    finish(note) {
      output.write(`${phase}: ${note}\n`);
    },
    abandon() {},
  };
}
