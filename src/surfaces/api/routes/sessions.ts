import type { FeedbackBatch } from '../../../learning/feedback/sessions/batches.ts';
import type { LoggedSearch } from '../../../learning/feedback/sessions/read-log.ts';
import type { SessionSummary } from '../../../learning/feedback/sessions/session-store.ts';
import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

type Names =
  | 'getFeedbackSettings'
  | 'patchFeedbackSettings'
  | 'listSessions'
  | 'getSession'
  | 'markSession'
  | 'releaseBatch'
  | 'listBatches'
  | 'readBatch';
const DEFAULT_PAGE = 20;

export function sessionHandlers({ collections, feedbackSettings, sessions, batches }: Services): Handlers<Names> {
  const idOf = async (name: string): Promise<number> => (await collections.get(name)).id;
  return {
    async getFeedbackSettings({ params }) {
      return await feedbackSettings.of(await idOf(params.name));
    },
    async patchFeedbackSettings({ params, body }) {
      return await feedbackSettings.patch(await idOf(params.name), body);
    },
    async listSessions({ params, query: { cursor, limit = DEFAULT_PAGE, setAside } }) {
      const found = await sessions.list(await idOf(params.name), { before: cursor, limit: limit + 1, setAside });
      const shown = found.slice(0, limit);
      return { sessions: shown.map(present), nextCursor: found.length > limit ? String(shown.at(-1)?.id) : null };
    },
    async getSession({ params }) {
      const { log, ...session } = await sessions.get(await idOf(params.name), params.id);
      return { ...present(session), log: log.map(presentSearch) };
    },
    async markSession({ params, body }) {
      return present(await sessions.mark(await idOf(params.name), params.id, body));
    },
    async releaseBatch({ params, body }) {
      const { batch, created } = await batches.release(await idOf(params.name), body.key);
      return { ...presentBatch(batch), created };
    },
    async listBatches({ params, query: { cursor = null, limit = DEFAULT_PAGE } }) {
      const found = await batches.list(await idOf(params.name), cursor, limit + 1);
      const shown = found.slice(0, limit);
      return { batches: shown.map(presentBatch), nextCursor: found.length > limit ? (shown.at(-1)?.id ?? null) : null };
    },
    async readBatch({ params, query: { cursor = 0, limit = DEFAULT_PAGE } }) {
      const found = await batches.read(await idOf(params.name), params.id, cursor, limit + 1);
      const shown = found.slice(0, limit).flatMap((log) => {
        const [first] = log;
        return first === undefined ? [] : [{ id: first.sessionId, client: first.client, log: log.map(presentSearch) }];
      });
      return { sessions: shown, nextCursor: found.length > limit ? String(shown.at(-1)?.id) : null };
    },
  };
}

const present = (session: SessionSummary) => ({
  ...session,
  startedAt: session.startedAt.toISOString(),
  endedAt: session.endedAt.toISOString(),
});

const presentSearch = (search: LoggedSearch) => ({
  searchId: search.searchId,
  query: search.query,
  at: search.at.toISOString(),
  release: search.releaseId,
  itemIds: search.itemIds,
  firstPosition: search.firstPosition,
  propensities: search.propensities,
  intent: search.intent,
  superseded: search.superseded,
  events: search.events.map((event) => ({ ...event, at: event.at.toISOString() })),
});

const presentBatch = ({ releasedAt, ...batch }: FeedbackBatch) => ({
  ...batch,
  releasedAt: releasedAt.toISOString(),
});
