import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface TrainingRun {
  /** The result's folder. */
  readonly folder: string;
  readonly losses: readonly number[];
  /** The whole command, from its start to its end. */
  readonly seconds: number;
}

let work: string | undefined;
let count = 0;

/** A folder for files and results, gone with {@link removeWork}. */
export const workFile = async (name: string): Promise<string> => {
  work ??= await mkdtemp(join(tmpdir(), 'training-tasks-'));
  return join(work, name);
};

export async function removeWork(): Promise<void> {
  if (work !== undefined) await rm(work, { recursive: true, force: true });
}

/** `embedding-studio train` in a process of its own. */
export async function runTraining(options: readonly string[]): Promise<TrainingRun> {
  const folder = await workFile(`model-${count++}`);
  const began = performance.now();
  const child = spawn(process.execPath, [main, 'train', '--json', '--out', folder, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`train ${options.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`);
  const { losses } = JSON.parse(stdout) as { losses: number[] };
  return { folder, losses, seconds: (performance.now() - began) / 1000 };
}
