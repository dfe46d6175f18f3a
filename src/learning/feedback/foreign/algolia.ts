import type { Refusal } from '../refusals.ts';
import {
  eventIdOf,
  type ForeignEvent,
  type ForeignRefusal,
  type JsonObject,
  MAX_ID,
  momentOf,
  numberOf,
  objectOf,
  textOf,
  withDashes,
} from './read-values.ts';

const MAX_OBJECTS = 20;
const TYPES: Readonly<Record<string, 'click' | 'impression' | 'purchase'>> = {
  click: 'click',
  view: 'impression',
  conversion: 'purchase',
};

/**
 * Reads events in the shape of Algolia's Insights API: one event of the log for each of their objects. `queryID` is
 * the searchId, with or without dashes; which collection it belongs to the search says, not `index`. An event has no id
 * of its own there: the same content is the same event.
 */
export function readAlgoliaEvents(documents: readonly unknown[]): {
  readonly events: ForeignEvent[];
  readonly refused: ForeignRefusal[];
} {
  const events: ForeignEvent[] = [];
  const refused: ForeignRefusal[] = [];
  documents.forEach((value, index) => {
    const document = objectOf(value);
    const fault = faultOf(document);
    if (fault !== null) refused.push({ index, ...fault });
    else for (const event of perObject(document, index)) events.push(event);
  });
  return { events, refused };
}

function faultOf(document: JsonObject): { readonly code: Refusal; readonly message: string } | null {
  const invalid = (message: string) => ({ code: 'malformed' as const, message });
  const { eventType, eventName, objectIDs, userToken, timestamp } = document;
  if (typeof eventType !== 'string' || !Object.hasOwn(TYPES, eventType))
    return { code: 'unknown_type', message: '"eventType" must be "click", "view" or "conversion".' };
  if (textOf(eventName, MAX_ID) === null) return invalid(`"eventName" must be 1 to ${MAX_ID} characters.`);
  if (textOf(userToken, MAX_ID) === null) return invalid(`"userToken" must be 1 to ${MAX_ID} characters.`);
  if (!Array.isArray(objectIDs) || objectIDs.length === 0 || objectIDs.length > MAX_OBJECTS)
    return invalid(`"objectIDs" must be a list of 1 to ${MAX_OBJECTS} ids; events about filters are not taken.`);
  if (objectIDs.some((id) => textOf(id, MAX_ID) === null))
    return invalid(`Each of "objectIDs" must be 1 to ${MAX_ID} characters.`);
  if (timestamp !== undefined && timestamp !== null && momentOf(timestamp) === null)
    return invalid('"timestamp" must be milliseconds since 1970.');
  if (objectIDs.some((_, at) => queryIdOf(document, at) === null))
    return { code: 'unknown_search', message: '"queryID" must be the searchId of the search that showed the objects.' };
  return null;
}

function perObject(document: JsonObject, index: number): ForeignEvent[] {
  const { eventType, eventSubtype, eventName, userToken, authenticatedUserToken, timestamp } = document;
  const ids = document.objectIDs as readonly unknown[];
  const type = eventSubtype === 'addToCart' ? 'add-to-cart' : TYPES[eventType as string];
  const at = momentOf(timestamp);
  // The token without a login names a browser, which the search knows as its session.
  const user = textOf(authenticatedUserToken, MAX_ID);
  return ids.flatMap((id, place): ForeignEvent[] => {
    const searchId = queryIdOf(document, place);
    const itemId = textOf(id, MAX_ID);
    if (searchId === null || itemId === null || type === undefined) return [];
    const value = type === 'purchase' || type === 'add-to-cart' ? worthOf(document, place, ids.length) : null;
    const content = { type, eventName, userToken, searchId, itemId, at: at?.toISOString() };
    return [
      {
        index,
        input: {
          eventId: eventIdOf('algolia', content),
          searchId,
          itemId,
          type,
          ...(at === null ? {} : { at: at.toISOString() }),
          ...(value === null ? {} : { value }),
          ...(user === null ? {} : { user }),
        },
      },
    ];
  });
}

/** Objects of one purchase may come from several searches: each then has a queryID of its own. */
function queryIdOf(document: JsonObject, place: number): string | null {
  const text = textOf(dataOf(document, place).queryID ?? document.queryID, 100);
  return text === null ? null : withDashes(text).toLowerCase();
}

/** Price times quantity; the value of the whole event only where it has a single object. */
function worthOf(document: JsonObject, place: number, objects: number): number | null {
  const { price, quantity } = dataOf(document, place);
  const amount = amountOf(price);
  if (amount !== null) return amount * (numberOf(quantity) ?? 1);
  return objects === 1 ? amountOf(document.value) : null;
}

// Algolia takes amounts as texts, too.
const amountOf = (value: unknown): number | null =>
  typeof value === 'string' && value.trim() !== '' ? numberOf(Number(value)) : numberOf(value);

const dataOf = ({ objectData }: JsonObject, place: number): JsonObject =>
  objectOf(Array.isArray(objectData) ? objectData[place] : undefined);
