import type { Readable } from 'node:stream';
import { StudioError } from '../../foundation/core/errors.ts';

/** Rejects with `timeout` when the work takes longer; the work itself goes on and its outcome is dropped. */
export async function withDeadline<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new StudioError('timeout', `There was no answer within ${seconds} s.`)),
      seconds * 1000,
    );
  });
  const working = work();
  working.catch(() => {});
  try {
    return await Promise.race([working, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The chunks of a stream; throws `timeout` when none comes for so long while one is waited for. The stream is left
 * open, so that its sender can still be answered.
 */
export async function* withoutSilence(stream: Readable, seconds: number): AsyncGenerator<Uint8Array> {
  const chunks = stream.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await withDeadline(seconds, () => chunks.next());
    if (next.done) return;
    yield next.value;
  }
}
