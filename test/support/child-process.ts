import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcess;
  /** Everything that it wrote to standard output so far, by line. */
  readonly lines: string[];
  /** The next time that it has written so many lines; rejects with its complaints when it ends before. */
  untilLines(count: number): Promise<void>;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
  ended: Promise<number | null>;
}

/** Runs a script of the tests in a process of its own, which does not outlive the test. */
export function runChild(script: URL, args: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  return {
    process: child,
    lines,
    ended,
    kill,
    untilLines: (count) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (lines.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        ended.then((code) => reject(new Error(`The child ended with ${code}: ${complaints}`)));
        check();
      }),
  };
}
