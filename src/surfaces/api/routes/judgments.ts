import type { StoredJudgment } from '../../../learning/judgments/judgment.ts';
import { withoutSilence } from '../deadline.ts';
import type { Handlers } from '../handler.ts';
import type { Limits } from '../limits.ts';
import type { Services } from '../services.ts';
import { presentRun } from './runs.ts';

type Names = 'putJudgments' | 'listJudgments' | 'listJudgmentSets' | 'deleteJudgments' | 'judgeFromClicks';

const DEFAULT_SET = 'ratings';
const DEFAULT_PAGE = 100;

export function judgmentHandlers({ collections, judgments }: Services, limits: Limits): Handlers<Names> {
  return {
    async putJudgments({ params, query, body, stream }) {
      const { id } = await collections.get(params.name);
      const set = body?.set ?? query.set ?? DEFAULT_SET;
      const provenance = body?.provenance ?? query.provenance ?? 'import:api';
      const taken =
        stream === undefined
          ? await judgments.put(id, { set, provenance }, body.judgments)
          : await judgments.import(id, { set, provenance }, withoutSilence(stream, limits.bodyTimeoutSeconds));
      return { set, ...taken };
    },
    async listJudgments({ params, query }) {
      const { id } = await collections.get(params.name);
      const page = await judgments.list(id, { ...query, limit: query.limit ?? DEFAULT_PAGE });
      return { judgments: page.judgments.map(present), nextCursor: page.nextCursor };
    },
    async listJudgmentSets({ params, query }) {
      const { id } = await collections.get(params.name);
      const limit = query.limit ?? DEFAULT_PAGE;
      const page = await judgments.sets(id, query.cursor ?? '', limit + 1);
      const shown = page.slice(0, limit);
      return {
        sets: shown.map((set) => ({ ...set, updatedAt: set.updatedAt.toISOString() })),
        nextCursor: page.length > limit ? (shown.at(-1)?.set ?? null) : null,
      };
    },
    async deleteJudgments({ params, query }) {
      const { id } = await collections.get(params.name);
      return { deleted: await judgments.delete(id, query.set, query.query) };
    },
    async judgeFromClicks({ params, body }) {
      const { id } = await collections.get(params.name);
      return presentRun(await judgments.startFromClicks(id, body), body);
    },
  };
}

const present = ({ queryKey: _, at, ...judgment }: StoredJudgment) => ({ ...judgment, at: at.toISOString() });
