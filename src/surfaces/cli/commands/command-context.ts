import type { Command } from 'commander';
import type { ConnectOptions } from '../connect.ts';
import type { CliEnvironment } from '../environment.ts';
import { chooseProgress } from '../progress/choose-progress.ts';
import type { ProgressSink } from '../progress/progress-sink.ts';

export interface CommonOptions extends ConnectOptions {
  readonly json?: boolean;
}

/** What commands share: where to write, and how. */
export interface CommandContext {
  readonly environment: CliEnvironment;
  /** Set by a command that ends otherwise than well without having thrown. */
  setExitCode(code: number): void;
  print(text: string): void;
  printJson(value: unknown): void;
  progress(options: CommonOptions): ProgressSink;
  /** Clears what a command that failed left on the screen. */
  abandonProgress(): void;
}

export function commandContext(environment: CliEnvironment, setExitCode: (code: number) => void): CommandContext {
  const shown: ProgressSink[] = [];
  return {
    environment,
    setExitCode,
    print: (text) => void environment.stdout.write(`${text}\n`),
    printJson: (value) => void environment.stdout.write(`${JSON.stringify(value)}\n`),
    progress(options) {
      const progress = chooseProgress(environment.stderr, options.json === true);
      shown.push(progress);
      return progress;
    },
    abandonProgress() {
      for (const progress of shown.splice(0)) progress.abandon();
    },
  };
}

/** Where the installation is, for every command that needs one. */
export const withPlace = (command: Command): Command =>
  command
    .option('--data <directory>', 'data directory of an embedded installation')
    .option('--database-url <url>', 'PostgreSQL to use instead of the embedded database')
    .option('--json', 'answer with JSON');

export const withPlaceOrUrl = (command: Command): Command =>
  withPlace(command).option('--url <address>', 'a running server, for example http://127.0.0.1:4242');
