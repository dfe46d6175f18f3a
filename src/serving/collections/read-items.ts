import { StudioError } from '../../foundation/core/errors.ts';
import type { Db } from '../../foundation/database/tables.ts';
import type { ItemCondition } from '../indexes/ports.ts';
import { countRows, findItems, scanRows } from './items-queries.ts';
import type { Collection, Item } from './schema.ts';

type CollectionRef = Pick<Collection, 'id'>;

export const MAX_SCAN_LIMIT = 1000;

/** Throws `item_not_found`. */
export async function getItem(db: Db, collection: CollectionRef, id: string): Promise<Item> {
  const item = (await getItems(db, collection, [id])).get(id);
  if (item === undefined)
    throw new StudioError('item_not_found', `There is no item ${JSON.stringify(id.slice(0, 80))}.`);
  return item;
}

/** Live items by id; unknown ids are absent. */
export async function getItems(
  db: Db,
  collection: CollectionRef,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Item>> {
  // No stored id has a NUL, and the database would refuse the whole question.
  const askable = ids.filter((id) => !id.includes('\u0000') && id.isWellFormed());
  const items = await findItems(db, collection.id, askable);
  return new Map(items.map(({ key: _, ...item }) => [item.id, item]));
}

export interface ItemPage {
  readonly items: readonly Item[];
  /** For the next page; null at the end. */
  readonly nextCursor: string | null;
}

/**
 * Items in the order of their arrival. The cursor is a place in that order, so writes between two pages neither
 * repeat nor skip an item that stays.
 */
export async function scanItems(
  db: Db,
  collection: CollectionRef,
  request: {
    readonly cursor?: string | undefined;
    readonly limit?: number | undefined;
    readonly condition?: ItemCondition;
  } = {},
): Promise<ItemPage> {
  const limit = Math.min(Math.max(1, request.limit ?? 100), MAX_SCAN_LIMIT);
  const after = request.cursor === undefined ? 0 : readCursor(request.cursor);
  const rows = await scanRows(db, collection.id, request.condition, after, limit + 1);
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ key: _, ...item }) => item),
    nextCursor: rows.length > limit ? writeCursor(page.at(-1)!.key) : null,
  };
}

export async function countItems(db: Db, collection: CollectionRef, condition?: ItemCondition): Promise<number> {
  return await countRows(db, collection.id, condition);
}

const writeCursor = (key: number): string => Buffer.from(`k${key}`).toString('base64url');

function readCursor(cursor: string): number {
  const match = /^k(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const key = match === null ? Number.NaN : Number(match[1]);
  if (!(key <= 2_147_483_647)) throw new StudioError('invalid_cursor', 'This is no cursor of an item list.');
  return key;
}
