import type { Db } from '../../../foundation/database/tables.ts';
import { getItems, scanItems } from '../../../serving/collections/read-items.ts';
import type { Collection, Item } from '../../../serving/collections/schema.ts';
import { composeItem } from '../../../serving/content/compose.ts';

type Texts = Map<string, string>;
type Source = Pick<Collection, 'id' | 'fields'>;
const PAGE = 1000;

/** Texts as encoders read them, by id; items that are gone or have no text are absent. */
export async function textsOfItems(db: Db, collection: Source, ids: Iterable<string>): Promise<Texts> {
  const wanted = [...new Set(ids)];
  const texts: Texts = new Map();
  for (let at = 0; at < wanted.length; at += PAGE) {
    const items = await getItems(db, collection, wanted.slice(at, at + PAGE));
    for (const item of items.values()) addText(texts, collection, item);
  }
  return texts;
}

/** Texts of the catalogue in the order of arrival, up to `limit`. */
export async function textsOfCatalogue(db: Db, collection: Source, limit: number, signal: AbortSignal): Promise<Texts> {
  const texts: Texts = new Map();
  for (let cursor: string | null | undefined; cursor !== null && texts.size < limit; ) {
    signal.throwIfAborted();
    const page = await scanItems(db, collection, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const item of page.items) if (texts.size < limit) addText(texts, collection, item);
    cursor = page.nextCursor;
  }
  return texts;
}

function addText(texts: Texts, { fields }: Source, { id, payload }: Item): void {
  const { text } = composeItem(fields, payload);
  if (text !== '') texts.set(id, text);
}
