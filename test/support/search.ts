import type { Database } from '../../src/foundation/database/open-database.ts';
import { SearchLog } from '../../src/learning/feedback/search-log.ts';
import { Collections } from '../../src/serving/collections/collections.ts';
import { upsertItems } from '../../src/serving/collections/upsert-items.ts';
import { LiveReleases } from '../../src/serving/search/live-release.ts';
import type { RankingSignal } from '../../src/serving/search/ranking-signal.ts';
import type { SearchRequest } from '../../src/serving/search/request.ts';
import { SearchService } from '../../src/serving/search/search.ts';
import { freshName, openStudio } from './studio.ts';

/** A collection with followed indexes and the search over it, with the counting encoder. Close it after use. */
export async function openSearch(
  database: Database,
  options: { readonly fields?: object; readonly signals?: readonly RankingSignal[] } = {},
) {
  const studio = await openStudio(database);
  const { engine, db, collections, items, indexes, text } = studio;
  const name = freshName();
  const { collection } = await collections.put(name, {
    fields: options.fields ?? { name: { type: 'text', lexical: true } },
  });
  await indexes.start();
  const degraded: string[] = [];
  const log = new SearchLog({ db, onLost: (_, error) => degraded.push(String(error)) });
  /** The search as another process sees it, which hears of no change before its cache expires. */
  const openService = (known: Collections = collections): SearchService =>
    new SearchService({
      db,
      collections: known,
      releases: new LiveReleases(db, engine.kind),
      encoder: async () => text.encoder,
      signals: options.signals ?? [],
      recorder: log,
      onDegraded: (what) => degraded.push(what),
    });
  const service = openService();
  return {
    ...studio,
    name,
    collection,
    degraded,
    otherProcess: () => openService(new Collections({ engine, db, indexes })),
    search: (request: Partial<SearchRequest>) => service.search(name, { query: [], ...request }),
    async put(given: ReadonlyArray<{ readonly id: string; readonly [field: string]: unknown }>): Promise<void> {
      const current = await collections.get(name);
      const { sequence } = await upsertItems(items, current, given);
      await indexes.waitForSequence(current, sequence, 30_000);
    },
    async close(): Promise<void> {
      await log.flush();
      await indexes.close();
    },
  };
}
