import type { Services } from '../api/services.ts';
import type { ProgressSink } from './progress/progress-sink.ts';

/** Where an installation lies; what is left out comes from the environment. */
export interface InstallationOptions {
  readonly dataDirectory?: string;
  readonly databaseUrl?: string;
}

export interface Installation {
  readonly services: Services;
  close(): Promise<void>;
}

export interface DoctorCheck {
  readonly name: string;
  readonly outcome: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** What the command line needs from the outside; the composition root gives it. */
export interface CliEnvironment {
  open(options: InstallationOptions): Promise<Installation>;
  /** Writes a whole installation into one file. */
  exportTo(options: InstallationOptions, file: string, progress: ProgressSink): Promise<{ readonly bytes: number }>;
  /** Fills an empty installation from such a file. */
  importFrom(options: InstallationOptions, file: string, progress: ProgressSink): Promise<void>;
  readonly version: string;
  /** Environment variables: they say what the arguments leave open. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls back on the first SIGINT or SIGTERM. */
  onStop(handler: () => void): void;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}
