import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  at(done: number): void;
  /** Ends the bar with a line of its own. */
  done(sentence: string): void;
}

/** A bar on a terminal; elsewhere one line when it is done. */
export function openProgress(label: string, total: number): Progress {
  if (!process.stdout.isTTY) {
    return { at: () => {}, done: (sentence) => void process.stdout.write(`${label}: ${sentence}\n`) };
  }
  const bar = new SingleBar({ format: `${label} {bar} {percentage} %`, clearOnComplete: true }, Presets.shades_classic);
  bar.start(total, 0);
  return {
    at: (done) => bar.update(done),
    done(sentence) {
      bar.stop();
      process.stdout.write(`${label}: ${sentence}\n`);
    },
  };
}
