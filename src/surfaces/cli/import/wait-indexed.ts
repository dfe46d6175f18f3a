import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Client } from '../../sdk/client.ts';
import type { ProgressSink } from '../progress/progress-sink.ts';

const POLL_MILLISECONDS = 250;

/** Returns when every index of the collection has taken in all changes. Throws `shutting_down` when `stop` is given. */
export async function waitIndexed(
  client: Client,
  collection: string,
  progress: ProgressSink,
  stop?: AbortSignal,
): Promise<void> {
  let total: number | null = null;
  for (;;) {
    const { indexes, items } = await client.getCollection(collection);
    const lag = Math.max(0, ...indexes.map((index) => index.lag));
    const failed = indexes.reduce((sum, index) => sum + index.failedItems, 0);
    if (total === null) progress.start('index', lag);
    total = Math.max(total ?? 0, lag);
    if (lag === 0) {
      progress.finish(
        `${items} ${items === 1 ? 'item' : 'items'} searchable${failed === 0 ? '' : `, ${failed} could not be indexed`}`,
      );
      return;
    }
    if (stop?.aborted === true) {
      throw new StudioError('shutting_down', `Stopped: all items are stored, ${lag} changes are not indexed yet.`, {
        hint: 'Indexing goes on with the next command that opens the installation, or with `serve`.',
      });
    }
    progress.update(total - lag, `${lag} to go`);
    await sleep(POLL_MILLISECONDS);
  }
}
