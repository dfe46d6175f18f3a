import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

/** Refusals beyond these only repeat what is wrong with the sender. */
const MAX_TOLD = 20;

export function foreignEventHandlers({
  collections,
  foreignFeedback,
}: Services): Handlers<'sendUbi' | 'sendAlgoliaEvents'> {
  return {
    async sendUbi({ params, body }) {
      const collection = await collections.get(params.name);
      const { queries = [], events = [] } = body;
      return await foreignFeedback.takeUbi(collection, { queries, events });
    },
    async sendAlgoliaEvents({ body, setStatus }) {
      const { rejected } = await foreignFeedback.takeAlgolia(body.events);
      if (rejected.length === 0) return { status: 200, message: 'OK' };
      setStatus(422);
      const told = rejected.slice(0, MAX_TOLD).map(({ index, message }) => `Event ${index}: ${message}`);
      const more = rejected.length > MAX_TOLD ? ` And ${rejected.length - MAX_TOLD} more.` : '';
      return { status: 422, message: `${told.join(' ')}${more} What is not named here was taken.` };
    },
  };
}
