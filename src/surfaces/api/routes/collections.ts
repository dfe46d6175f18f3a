import type { Collection } from '../../../serving/collections/schema.ts';
import type { IndexLag } from '../../../serving/indexes/follow/follow-queries.ts';
import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

type Names =
  | 'putCollection'
  | 'getCollection'
  | 'listCollections'
  | 'deleteCollection'
  | 'patchRanking'
  | 'listReleases';

export function collectionHandlers({ collections }: Services): Handlers<Names> {
  return {
    async putCollection({ params, body }) {
      const { collection, created, changed } = await collections.put(params.name, body);
      return { ...present(collection), created, changed };
    },
    async getCollection({ params }) {
      const collection = await collections.refresh(params.name);
      const { items, indexes } = await collections.status(collection);
      return { ...present(collection), items, indexes: indexes.map(presentIndex) };
    },
    async listCollections({ query }) {
      const limit = query.limit ?? 100;
      const page = await collections.list({
        limit: limit + 1,
        ...(query.cursor === undefined ? {} : { after: query.cursor }),
      });
      const shown = page.slice(0, limit);
      return { collections: shown.map(present), nextCursor: page.length > limit ? (shown.at(-1)?.name ?? null) : null };
    },
    async deleteCollection({ params }) {
      await collections.delete(params.name);
      return { deleted: true };
    },
    async patchRanking({ params, body }) {
      return (await collections.updateRanking(params.name, body)).ranking;
    },
    async listReleases({ params }) {
      const releases = await collections.releases(await collections.refresh(params.name));
      return {
        releases: releases.map((release) => ({
          ...release,
          indexes: release.indexes.map(presentIndex),
          createdAt: release.createdAt.toISOString(),
        })),
      };
    },
  };
}

function present(collection: Collection) {
  const { name, fields, metric, parts, language, models, ranking, sequence, liveReleaseId } = collection;
  const createdAt = collection.createdAt.toISOString();
  const updatedAt = collection.updatedAt.toISOString();
  return { name, fields, metric, parts, language, models, ranking, sequence, liveReleaseId, createdAt, updatedAt };
}

const presentIndex = ({ kind, modelId, output, appliedSequence, lag, failures }: IndexLag) => ({
  kind,
  model: modelId,
  output,
  appliedSequence,
  lag,
  failedItems: failures,
});
