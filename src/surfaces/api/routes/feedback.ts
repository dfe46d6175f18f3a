import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

const DEFAULT_PAGE = 20;

export function feedbackHandlers({
  collections,
  feedback,
  memory,
}: Services): Handlers<'sendEvents' | 'listMemory' | 'forgetMemory'> {
  return {
    async sendEvents({ body }) {
      return await feedback.take(body.events);
    },
    async listMemory({ params, query }) {
      const { id } = await collections.get(params.name);
      const limit = query.limit ?? DEFAULT_PAGE;
      const page = await memory.list(id, query.cursor ?? null, limit + 1);
      const shown = page.slice(0, limit);
      return {
        queries: shown.map(({ text, clicks, updatedAt, cells }) => ({
          query: text,
          clicks,
          updatedAt: updatedAt.toISOString(),
          items: Object.entries(cells).map(([itemId, cell]) => ({
            itemId,
            clicks: cell.clicks,
            expectedClicks: cell.expected,
          })),
        })),
        nextCursor: page.length > limit ? (shown.at(-1)?.queryKey ?? null) : null,
      };
    },
    async forgetMemory({ params, query }) {
      const { id } = await collections.get(params.name);
      return { forgotten: await memory.forget(id, query.query ?? null) };
    },
  };
}
