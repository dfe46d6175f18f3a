import { z } from 'zod';
import { type RefusedEvent, refused } from '../../../learning/feedback/refusals.ts';
import { eventSchema } from '../contract/feedback.ts';
import type { Handlers } from '../handler.ts';
import { sentencesOf } from '../issues.ts';
import type { Services } from '../services.ts';

const DEFAULT_PAGE = 20;
/** Of what is wrong with one event. */
const MOST_SENTENCES = 3;
const event = z.compile(eventSchema);

export function feedbackHandlers({
  collections,
  feedback,
  memory,
}: Services): Handlers<'sendEvents' | 'listMemory' | 'forgetMemory'> {
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
        queries: page.queries.map(({ text, clicks, updatedAt, cells }) => ({
          query: text,
          clicks,
          updatedAt: updatedAt.toISOString(),
          items: Object.entries(cells).map(([itemId, cell]) => ({
            itemId,
            clicks: cell.clicks,
            expectedClicks: cell.expected,
          })),
        })),
        hidden: page.hidden,
        nextCursor: page.nextAfter,
      };
    },
    async forgetMemory({ params, query }) {
      const { id } = await collections.get(params.name);
      return { forgotten: await memory.forget(id, query.query ?? null) };
    },
  };
}

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
