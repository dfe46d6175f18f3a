import type { Refusal } from '../refusals.ts';
import {
  eventIdOf,
  type ForeignEvent,
  type ForeignRefusal,
  MAX_ID,
  momentOf,
  numberOf,
  objectOf,
  searchIdOf,
  textOf,
} from './read-values.ts';

/** An event, and where its item stood in the list. */
export interface UbiEvent extends ForeignEvent {
  readonly ordinal: number | null;
}

/** Names that UBI clients give to what people do, in the terms of the log. */
const ACTIONS: Readonly<Record<string, string>> = {
  impression: 'impression',
  view: 'impression',
  click: 'click',
  item_click: 'click',
  product_click: 'click',
  result_click: 'click',
  add_to_cart: 'add-to-cart',
  cart: 'add-to-cart',
  purchase: 'purchase',
  conversion: 'purchase',
  buy: 'purchase',
  like: 'like',
  dislike: 'dislike',
  skip: 'skip',
  watch: 'dwell',
  dwell: 'dwell',
};

/**
 * Reads `ubi_events` documents. `types` are the collection's event types: an action by their name, or by a name that
 * UBI clients give them, is taken; every other one is refused.
 */
export function readUbiEvents(
  collection: string,
  documents: readonly unknown[],
  types: readonly string[],
): { readonly events: UbiEvent[]; readonly refused: ForeignRefusal[] } {
  const events: UbiEvent[] = [];
  const refused: ForeignRefusal[] = [];
  documents.forEach((document, index) => {
    const read = readEvent(collection, objectOf(document), index, types);
    if ('code' in read) refused.push(read);
    else events.push(read);
  });
  return { events, refused };
}

function readEvent(
  collection: string,
  document: Readonly<Record<string, unknown>>,
  index: number,
  types: readonly string[],
) {
  const refuse = (code: Refusal, message: string): ForeignRefusal => ({ index, code, message });
  const action = textOf(document.action_name, MAX_ID);
  const type = action === null ? null : typeOf(action, types);
  if (type === null) {
    const known = [...new Set([...Object.keys(ACTIONS), ...types])].join(', ');
    return refuse('unknown_type', `"action_name" must be one of ${known}.`);
  }
  const queryId = textOf(document.query_id, MAX_ID);
  if (queryId === null)
    return refuse('unknown_search', 'The event has no "query_id", so no search that it belongs to.');
  const { object, position, dwell_time: dwell } = objectOf(document.event_attributes);
  const itemId = textOf(objectOf(object).object_id, MAX_ID);
  if (itemId === null)
    return refuse('malformed', `"event_attributes.object.object_id" must be 1 to ${MAX_ID} characters.`);
  const { timestamp } = document;
  const at = momentOf(timestamp);
  if (at === null && timestamp !== undefined && timestamp !== null)
    return refuse('malformed', '"timestamp" must be ISO 8601 or milliseconds since 1970.');
  const searchId = searchIdOf(collection, queryId);
  const value = type === 'dwell' ? numberOf(dwell) : numberOf(objectOf(objectOf(object).object_detail).price);
  const user = textOf(document.user_id, MAX_ID);
  const client = textOf(document.client_id, MAX_ID);
  const event: UbiEvent = {
    index,
    ordinal: numberOf(objectOf(position).ordinal),
    input: {
      eventId: eventIdOf('ubi', { type, searchId, itemId, client, user, at: at?.toISOString() }),
      searchId,
      itemId,
      type,
      ...(at === null ? {} : { at: at.toISOString() }),
      ...(value === null || (type !== 'dwell' && type !== 'purchase') ? {} : { value }),
      ...(user === null ? {} : { user }),
    },
  };
  return event;
}

function typeOf(action: string, types: readonly string[]): string | null {
  const name = action.toLowerCase();
  const known = Object.hasOwn(ACTIONS, name.replaceAll('-', '_')) ? ACTIONS[name.replaceAll('-', '_')] : undefined;
  return (
    [action, name, name.replaceAll('_', '-'), known].find((one) => one !== undefined && types.includes(one)) ?? null
  );
}
