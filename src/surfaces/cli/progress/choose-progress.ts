import type { Output } from '../environment.ts';
import { jsonProgress } from './json-progress.ts';
import { plainProgress } from './plain-progress.ts';
import type { ProgressSink } from './progress-sink.ts';
import { ttyProgress } from './tty-progress.ts';

/** Progress goes to standard error, so that standard output holds results alone. */
export function chooseProgress(stderr: Output, json: boolean): ProgressSink {
  if (json) return jsonProgress(stderr);
  return stderr.isTTY === true ? ttyProgress(stderr as unknown as NodeJS.WritableStream) : plainProgress(stderr);
}
