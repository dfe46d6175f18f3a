import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

const DEFAULT_QUERIES = 20;

export function analyticsHandlers({
  analytics,
  collections,
}: Services): Handlers<'getAnalytics' | 'getPositionAnalytics' | 'getQueryAnalytics'> {
  return {
    async getAnalytics({ params, query }) {
      const { id } = await collections.get(params.name);
      return await analytics.overview(id, { ...query, interval: query.interval ?? 'day' });
    },
    async getPositionAnalytics({ params, query }) {
      const { id } = await collections.get(params.name);
      return await analytics.positions(id, query);
    },
    async getQueryAnalytics({ params, query }) {
      const { id } = await collections.get(params.name);
      const { order = 'searches', limit = DEFAULT_QUERIES } = query;
      return await analytics.queries(id, { ...query, order, limit });
    },
  };
}
