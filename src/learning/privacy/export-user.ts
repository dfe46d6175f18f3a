import { StudioError } from '../../foundation/core/errors.ts';
import { isId } from '../../foundation/core/ids.ts';
import type { Db } from '../../foundation/database/tables.ts';
import {
  type KeptEvent,
  type KeptProfile,
  type KeptRating,
  type KeptSearch,
  type KeptSession,
  type PartReader,
  type Place,
  readEventsOf,
  readProfilesOf,
  readRatingsOf,
  readSearchesOf,
  readSessionsOf,
} from './export-queries.ts';

/** A piece of what is kept about a user. */
export interface UserDataPage {
  readonly searches: readonly KeptSearch[];
  /** What the user did, and what was done with the user's searches. */
  readonly events: readonly KeptEvent[];
  readonly sessions: readonly KeptSession[];
  readonly ratings: readonly KeptRating[];
  readonly profiles: readonly KeptProfile[];
  /** For the next piece; null at the end. */
  readonly nextCursor: string | null;
}

const PARTS = ['searches', 'events', 'sessions', 'ratings', 'profiles'] as const;
type Part = (typeof PARTS)[number];

const READERS: { readonly [P in Part]: PartReader<UserDataPage[P][number]> } = {
  searches: readSearchesOf,
  events: readEventsOf,
  sessions: readSessionsOf,
  ratings: readRatingsOf,
  profiles: readProfilesOf,
};

/** What the order of each part is made of. */
const SHAPES: Readonly<Record<Part, ReadonlyArray<'integer' | 'id' | 'text'>>> = {
  searches: ['id'],
  events: ['integer', 'text'],
  sessions: ['integer'],
  ratings: ['integer', 'text', 'text', 'text'],
  profiles: ['integer'],
};

/**
 * Everything that is kept about a user, piece by piece: at most `limit` records, part after part, each in a lasting order.
 *
 * @throws StudioError `invalid_cursor`
 */
export async function exportUser(
  db: Db,
  user: string,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<UserDataPage> {
  const found: { -readonly [P in Part]: Array<UserDataPage[P][number]> } = {
    searches: [],
    events: [],
    sessions: [],
    ratings: [],
    profiles: [],
  };
  let { part, after } = page.cursor === undefined ? { part: 0, after: null as Place | null } : readCursor(page.cursor);
  let left = page.limit;
  for (; part < PARTS.length; part++, after = null) {
    const name = PARTS[part] as Part;
    const rows = await READERS[name](db, user, after, left + 1);
    const shown = rows.slice(0, left);
    (found[name] as unknown[]).push(...shown.map(({ kept }) => kept));
    left -= shown.length;
    // A part that begins with the next piece has no place before it.
    if (rows.length > shown.length) return { ...found, nextCursor: writeCursor(part, shown.at(-1)?.place ?? null) };
  }
  return { ...found, nextCursor: null };
}

const writeCursor = (part: number, after: Place | null): string =>
  Buffer.from(JSON.stringify([part, after])).toString('base64url');

function readCursor(cursor: string): { part: number; after: Place | null } {
  try {
    const [part, after] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [number, unknown[] | null];
    const shape = SHAPES[PARTS[part] as Part];
    if (after === null || (after.length === shape.length && shape.every((kind, at) => fits(kind, after[at]))))
      return { part, after: after as Place | null };
  } catch {
    // What cannot be read is no cursor either.
  }
  throw new StudioError('invalid_cursor', 'This is no cursor of what is kept about a user.');
}

function fits(kind: 'integer' | 'id' | 'text', value: unknown): boolean {
  if (kind === 'integer') return Number.isSafeInteger(value);
  return (
    typeof value === 'string' && (kind === 'text' ? !value.includes('\u0000') && value.isWellFormed() : isId(value))
  );
}
