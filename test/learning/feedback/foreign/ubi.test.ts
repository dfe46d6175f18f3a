import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isId } from '../../../../src/foundation/core/ids.ts';
import { readUbiEvents } from '../../../../src/learning/feedback/foreign/ubi-events.ts';
import { readUbiQueries, withShownItems } from '../../../../src/learning/feedback/foreign/ubi-queries.ts';

const TYPES = ['impression', 'click', 'dwell', 'add-to-cart', 'purchase', 'like', 'dislike', 'skip'];
const UUID = '33198ee9-5912-453c-9173-3f92fd3cb1be';
const query = (over: object = {}) => ({ query_id: UUID, user_query: 'sofa', client_id: 'c', ...over });
const event = (over: object = {}) => ({
  action_name: 'click',
  query_id: UUID,
  event_attributes: { object: { object_id: 'a' }, position: { ordinal: 1 } },
  ...over,
});
const typeOf = (name: string, types = TYPES) =>
  readUbiEvents('shop', [event({ action_name: name })], types).events[0]?.input.type;

describe('ubi_queries', () => {
  it('keep a UUID as the id of their search, and give every other id a UUID of its own for each collection', () => {
    const idOf = (collection: string, query_id: unknown) =>
      readUbiQueries(collection, [query({ query_id })]).searches[0]?.searchId;
    expect(idOf('shop', UUID.toUpperCase())).toBe(UUID);
    expect(idOf('shop', UUID.replaceAll('-', ''))).toBe(UUID);
    const made = idOf('shop', 'S:1') as string;
    expect(isId(made) && made[14] === '5').toBe(true);
    expect(idOf('shop', 'S:1')).toBe(made);
    expect(idOf('other', 'S:1')).not.toBe(made);
    expect(idOf('shop', 'S:2')).not.toBe(made);
  });

  it('of one query_id are one search, which showed the longest of their lists', () => {
    const { searches } = readUbiQueries('shop', [
      query({ query_response_hit_ids: [], timestamp: '2025-01-24T07:31:52.099+0000', user_query: 'so' }),
      query({ query_response_hit_ids: ['a', 7, 'a'], timestamp: 1737703912102 }),
    ]);
    expect(searches).toEqual([
      {
        index: 0,
        searchId: UUID,
        text: 'sofa',
        session: 'c',
        itemIds: ['a', '7'],
        at: new Date('2025-01-24T07:31:52.099Z'),
      },
    ]);
  });

  it('without a list have shown what their events are about, in the order of the ordinals', () => {
    const { searches } = readUbiQueries('shop', [query()]);
    const at = (object_id: string, ordinal?: number) =>
      event({ event_attributes: { object: { object_id }, position: { ordinal } } });
    const { events } = readUbiEvents('shop', [at('c'), at('b', 5), at('a', 0), at('b', 5)], TYPES);
    expect(withShownItems(searches, events)[0]?.itemIds).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['query_id', { query_id: '' }],
    ['user_query', { user_query: 7.5 }],
    ['user_query', { user_query: 'a\u0000' }],
    ['timestamp', { timestamp: 'yesterday' }],
    ['timestamp', { timestamp: 1e300 }],
    ['query_response_hit_ids', { query_response_hit_ids: [{}] }],
  ])('with a bad %s are refused by name', (name, over) => {
    const { refused } = readUbiQueries('shop', [query(), query(over)]);
    expect(refused).toEqual([{ index: 1, code: 'malformed', message: expect.stringContaining(`"${name}"`) }]);
  });
});

describe('ubi_events', () => {
  it.each([
    ['impression', 'impression'],
    ['view', 'impression'],
    ['click', 'click'],
    ['item_click', 'click'],
    ['ADD_TO_CART', 'add-to-cart'],
    ['add-to-cart', 'add-to-cart'],
    ['cart', 'add-to-cart'],
    ['conversion', 'purchase'],
    ['watch', 'dwell'],
    ['dislike', 'dislike'],
    ['on_search', undefined],
    ['constructor', undefined],
  ])('%s are taken as %s', (name, type) => expect(typeOf(name)).toBe(type));

  it("are taken by the names of the collection's own event types, too", () => {
    expect(typeOf('wish_list')).toBeUndefined();
    expect(typeOf('wish_list', [...TYPES, 'wish-list'])).toBe('wish-list');
  });

  it('of an unknown kind are refused, and told which kinds are known', () => {
    const { refused } = readUbiEvents('shop', [event({ action_name: 'page_exit' })], TYPES);
    expect(refused).toEqual([
      { index: 0, code: 'unknown_type', message: expect.stringContaining('add_to_cart, cart') },
    ]);
  });

  it('carry seconds of dwelling, the price of a purchase, and the person when named', () => {
    const dwell = { object: { object_id: 'a' }, dwell_time: 12.5 };
    const bought = { object: { object_id: 'a', object_detail: { price: 30 } } };
    const { events } = readUbiEvents(
      'shop',
      [
        event({ action_name: 'dwell', event_attributes: dwell, user_id: 'u' }),
        event({ action_name: 'purchase', event_attributes: bought, user_id: '' }),
      ],
      TYPES,
    );
    expect(events.map(({ input }) => [input.value, input.user])).toEqual([
      [12.5, 'u'],
      [30, undefined],
    ]);
  });

  it('have the same id when they are the same, and another when anything differs', () => {
    const idOf = (over: object) => readUbiEvents('shop', [event(over)], TYPES).events[0]?.input.eventId;
    expect(idOf({ message: 'again' })).toBe(idOf({}));
    const ids = [{}, { timestamp: 1 }, { action_name: 'view' }, { client_id: 'c' }, { query_id: 'x' }].map(idOf);
    expect(new Set(ids).size).toBe(5);
  });

  it.each([
    ['unknown_search', { query_id: null }],
    ['malformed', { event_attributes: null }],
    ['malformed', { event_attributes: { object: { object_id: 'x'.repeat(257) } } }],
    ['malformed', { timestamp: '12/31/2025' }],
  ])('are refused with %s', (code, over) => {
    expect(readUbiEvents('shop', [event(over)], TYPES).refused).toMatchObject([{ index: 0, code }]);
  });
});

it('whatever the documents are, each is either read or refused, and read alike again', () => {
  const nearly = fc.record(
    {
      query_id: fc.oneof(fc.string(), fc.uuid(), fc.jsonValue()),
      user_query: fc.jsonValue(),
      action_name: fc.oneof(fc.constantFrom('click', 'view', '__proto__'), fc.jsonValue()),
      timestamp: fc.oneof(fc.double(), fc.string(), fc.jsonValue()),
      query_response_hit_ids: fc.jsonValue(),
      event_attributes: fc.record({ object: fc.record({ object_id: fc.oneof(fc.string(), fc.jsonValue()) }) }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.jsonValue(), nearly), { maxLength: 8 }), (documents) => {
      const queries = readUbiQueries('shop', documents);
      const events = readUbiEvents('shop', documents, TYPES);
      expect(events.events.length + events.refused.length).toBe(documents.length);
      expect(queries.searches.length + queries.refused.length).toBeLessThanOrEqual(documents.length);
      for (const { input } of events.events) expect(isId(input.searchId)).toBe(true);
      expect(readUbiEvents('shop', documents, TYPES)).toEqual(events);
      expect(readUbiQueries('shop', documents)).toEqual(queries);
    }),
  );
});
