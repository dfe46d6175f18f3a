import { SingleBar } from 'cli-progress';
import type { ProgressSink } from './progress-sink.ts';

/** A bar that redraws itself. */
export function ttyProgress(stream: NodeJS.WritableStream): ProgressSink {
  let bar: SingleBar | undefined;
  let phase = '';
  let total = 0;
  return {
    start(name, size) {
      phase = name;
      total = size ?? 0;
      bar = new SingleBar({
        stream,
        format: `${name} {bar} {percentage}% {note}`,
        barsize: 30,
        // A bar that is killed with its process could not give it back.
        hideCursor: false,
        clearOnComplete: true,
        fps: 10,
      });
      bar.start(Math.max(1, total), 0, { note: '' });
    },
    update(done, note) {
      bar?.update(Math.min(done, Math.max(1, total)), { note });
    },
    finish(note) {
      bar?.stop();
      bar = undefined;
      stream.write(`${phase}: ${note}\n`);
    },
    abandon() {
      // Its timer would keep the process alive.
      bar?.stop();
      bar = undefined;
    },
  };
}
