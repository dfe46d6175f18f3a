import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

const DEFAULT_RECORDS = 200;
const DEFAULT_RECEIPTS = 20;

export function privacyHandlers({ privacy }: Services): Handlers<'eraseUser' | 'exportUser' | 'listErasures'> {
  return {
    eraseUser: ({ params }) => privacy.erase(params.user),
    exportUser: ({ params, query }) =>
      privacy.export(params.user, { cursor: query.cursor, limit: query.limit ?? DEFAULT_RECORDS }),
    listErasures: ({ query }) => privacy.receipts({ cursor: query.cursor, limit: query.limit ?? DEFAULT_RECEIPTS }),
  };
}
