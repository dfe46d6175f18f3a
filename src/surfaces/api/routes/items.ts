import { StudioError } from '../../../foundation/core/errors.ts';
import type { Item } from '../../../serving/collections/schema.ts';
import { withoutSilence } from '../deadline.ts';
import type { Handlers } from '../handler.ts';
import type { Limits } from '../limits.ts';
import type { Services } from '../services.ts';

type Names = 'putItems' | 'listItems' | 'getItem' | 'deleteItem' | 'deleteItems';
const DEFAULT_WAIT_SECONDS = 60;

export function itemHandlers({ items }: Services, limits: Limits): Handlers<Names> {
  return {
    async putItems({ params, query, body, stream }) {
      const result =
        stream === undefined
          ? await items.upsert(params.name, body.items)
          : await items.upsertNdjson(params.name, withoutSilence(stream, limits.bodyTimeoutSeconds));
      const indexed = query.wait === 'indexed';
      if (indexed) await items.waitIndexed(params.name, result.sequence, query.timeoutSeconds ?? DEFAULT_WAIT_SECONDS);
      const errors =
        stream === undefined ? result.errors : result.errors.map((error) => ({ ...error, line: error.index + 1 }));
      return { ...result, indexed, errors };
    },
    async listItems({ params, query }) {
      const { filter, ...page } = query;
      const found = await items.list(
        params.name,
        filter === undefined ? page : { ...page, filter: parseFilter(filter) },
      );
      return { items: found.items.map(present), nextCursor: found.nextCursor };
    },
    async getItem({ params }) {
      return present(await items.get(params.name, params.id));
    },
    async deleteItem({ params }) {
      const { deleted, sequence } = await items.delete(params.name, { ids: [params.id] });
      if (deleted === 0)
        throw new StudioError('item_not_found', `There is no item ${JSON.stringify(params.id.slice(0, 80))}.`);
      return { deleted: 1, sequence };
    },
    async deleteItems({ params, body }) {
      return await items.delete(params.name, body.ids === undefined ? { filter: body.filter } : { ids: body.ids });
    },
  };
}

const present = (item: Item) => ({ ...item, updatedAt: item.updatedAt.toISOString() });

function parseFilter(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StudioError(
      'invalid_filter',
      `The filter in the query string is not valid JSON: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
