import { z } from 'zod';
import { type RefusedEvent, refused } from '../../../learning/feedback/refusals.ts';
import type { MemoryPage, MemoryQuery } from '../../../learning/improvement/memory-queries.ts';
import { eventSchema } from '../contract/feedback.ts';
import type { Handlers } from '../handler.ts';
import { sentencesOf } from '../issues.ts';
import type { Services } from '../services.ts';

const DEFAULT_PAGE = 20;
const EXPORTED_AT_ONCE = 100;
/** Of what is wrong with one event. */
const MOST_SENTENCES = 3;
const event = z.compile(eventSchema);

export function feedbackHandlers({
  collections,
  feedback,
  memory,
}: Services): Handlers<'sendEvents' | 'listMemory' | 'exportMemory' | 'forgetMemory'> {
  return {
    async sendEvents({ body }) {
      const { events, places, malformed } = readEvents(body.events);
      const { rejected, ...taken } = await feedback.take(events);
      const refusals = rejected.map((one) => ({ ...one, index: places[one.index] ?? one.index }));
      return { ...taken, rejected: [...malformed, ...refusals].sort((left, right) => left.index - right.index) };
    },
    async listMemory({ params, query }) {
      const { id } = await collections.get(params.name);
      const page = await memory.page(id, query.cursor ?? null, query.limit ?? DEFAULT_PAGE);
      return {
        queries: page.queries.map(present),
        hidden: page.hidden,
        nextCursor: page.nextAfter,
      };
    },
    async exportMemory({ params, gone }) {
      const { id } = await collections.get(params.name);
      return {
        mediaType: 'application/x-ndjson; charset=utf-8',
        content: linesOf(memory, id, gone),
        headers: { 'cache-control': 'no-store' },
      };
    },
    async forgetMemory({ params, query }) {
      const { id } = await collections.get(params.name);
      return { forgotten: await memory.forget(id, query.query ?? null) };
    },
  };
}

async function* linesOf(memory: Services['memory'], collectionId: number, gone: AbortSignal): AsyncGenerator<string> {
  let after: string | null = null;
  do {
    const { queries, nextAfter }: MemoryPage = await memory.page(collectionId, after, EXPORTED_AT_ONCE);
    yield queries.map((query) => `${JSON.stringify(present(query))}\n`).join('');
    after = nextAfter;
  } while (after !== null && !gone.aborted);
}

/** A remembered query as the API answers it. */
const present = ({ text, clicks, updatedAt, cells }: MemoryQuery) => ({
  query: text,
  clicks,
  updatedAt: updatedAt.toISOString(),
  items: Object.entries(cells).map(([itemId, cell]) => ({
    itemId,
    clicks: cell.clicks,
    expectedClicks: cell.expected,
  })),
});

/** The events of a batch that are well-formed, with their places in it, and the others with what is wrong. */
function readEvents(inputs: readonly unknown[]) {
  const events: Array<z.output<typeof eventSchema>> = [];
  const places: number[] = [];
  const malformed: RefusedEvent[] = [];
  inputs.forEach((input, index) => {
    const { success, data, error } = event.safeParse(input);
    if (success) {
      events.push(data);
      places.push(index);
    } else {
      const sentences = sentencesOf(error.issues, eventSchema, 'body').map(({ message }) => message);
      malformed.push(refused(index, 'malformed', sentences.slice(0, MOST_SENTENCES).join(' ').slice(0, 500)));
    }
  });
  return { events, places, malformed };
}
