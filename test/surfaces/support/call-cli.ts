import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  stdout(): string;
  stderr(): string;
}

/** Starts the command line in a folder of its own, where its data directory will be. */
export function startCli(args: readonly string[], folder: string): CliProcess {
  const environment = { ...process.env, DATABASE_URL: '', EMBEDDING_STUDIO_DATA: '', PORT: '', HOST: '' };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: environment });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece) => {
    stderr += piece;
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (exit) => resolve({ exit, stdout, stderr })));
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Words of a call as the tables write them, with a running server's address and a file's name in their places. */
export const wordsOf = (args: string, url: string, file = ''): string[] =>
  args
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replace('URL', url).replace('FILE', file));

/** Code and sentence of a call that failed, made with --json: of the whole call, or of the first item that was refused. */
export function faultOf({ stdout, stderr }: Outcome): { readonly code: string; readonly sentence: string } {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const { error } = JSON.parse(last.startsWith('{') ? last : '{}') as { error?: Fault };
  const fault = error ?? (JSON.parse(stdout) as { errors: Fault[] }).errors[0];
  if (fault === undefined) throw new Error('The call has not failed.');
  return { code: fault.code, sentence: [fault.message, fault.hint].filter((part) => part !== undefined).join(' ') };
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
