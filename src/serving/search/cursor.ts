import { StudioError } from '../../foundation/core/errors.ts';
import { canonicalJson, sha256 } from '../../foundation/core/hash.ts';
import type { SearchRequest } from './request.ts';

/** Where the next page begins. */
export interface PagePlace {
  /** The search that is continued; null when it was not recorded. */
  readonly searchId: string | null;
  /** Hits before this page. */
  readonly skipped: number;
  /** For browsing: the sort values of the last item, then its key. */
  readonly after?: readonly unknown[];
}

/** What a cursor belongs to: everything of the request but the page itself. */
export function requestHash(collection: string, request: SearchRequest): string {
  const {
    cursor: _cursor,
    offset: _offset,
    limit: _limit,
    fields: _fields,
    highlight: _highlight,
    explain: _explain,
    ...rest
  } = request;
  const query = rest.query.map((part) => ({
    ...part,
    image: part.image === undefined ? undefined : sha256(part.image),
  }));
  return sha256(canonicalJson({ collection, ...rest, query })).slice(0, 16);
}

export function writeCursor(hash: string, place: PagePlace): string {
  const body = JSON.stringify({
    h: hash,
    s: place.searchId,
    n: place.skipped,
    ...(place.after === undefined ? {} : { a: place.after }),
  });
  return Buffer.from(`${sha256(body).slice(0, 8)}${body}`).toString('base64url');
}

/** Throws `invalid_cursor` for anything but a cursor of the same request. */
export function readCursor(hash: string, cursor: string): PagePlace {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const body = text.slice(8);
  if (sha256(body).slice(0, 8) !== text.slice(0, 8))
    throw new StudioError('invalid_cursor', 'This is no cursor of a search.');
  const { h, s, n, a } = JSON.parse(body) as { h: string; s: string | null; n: number; a?: unknown[] };
  if (h !== hash) throw new StudioError('invalid_cursor', 'The cursor belongs to another request.');
  return { searchId: s, skipped: n, ...(a === undefined ? {} : { after: a }) };
}
