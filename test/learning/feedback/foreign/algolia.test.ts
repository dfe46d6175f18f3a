import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlgoliaEvents } from '../../../../src/learning/feedback/foreign/algolia.ts';

const UUID = '33198ee9-5912-453c-9173-3f92fd3cb1be';
const event = (over: object = {}) => ({
  eventType: 'click',
  eventName: 'Clicked',
  index: 'shop',
  userToken: 'browser',
  queryID: UUID.replaceAll('-', ''),
  objectIDs: ['a'],
  ...over,
});
const read = (over: object) => readAlgoliaEvents([event(over)]).events.map(({ input }) => input);

describe('events of the Insights API', () => {
  it.each([
    ['click', {}, 'click'],
    ['view', { eventType: 'view' }, 'impression'],
    ['conversion', { eventType: 'conversion' }, 'purchase'],
    ['conversion to the cart', { eventType: 'conversion', eventSubtype: 'addToCart' }, 'add-to-cart'],
    ['purchase', { eventType: 'conversion', eventSubtype: 'purchase' }, 'purchase'],
  ])('a %s is taken as its event of the log', (_, over, type) => expect(read(over)[0]?.type).toBe(type));

  it('name the search with dashes or without, and one event becomes one for each object', () => {
    expect(read({ objectIDs: ['a', 'b'] }).map((input) => [input.searchId, input.itemId])).toEqual([
      [UUID, 'a'],
      [UUID, 'b'],
    ]);
    expect(read({ queryID: UUID.toUpperCase() })[0]?.searchId).toBe(UUID);
  });

  it('of one purchase may come from several searches, with what each object cost', () => {
    const other = '00000000-0000-4000-8000-000000000000';
    const bought = read({
      eventType: 'conversion',
      eventSubtype: 'purchase',
      queryID: undefined,
      objectIDs: ['a', 'b'],
      objectData: [
        { queryID: UUID, price: 10, quantity: 3 },
        { queryID: other, price: '2.5' },
      ],
      value: 32.5,
      authenticatedUserToken: 'anna',
    });
    expect(bought.map((input) => [input.searchId, input.value, input.user])).toEqual([
      [UUID, 30, 'anna'],
      [other, 2.5, 'anna'],
    ]);
    expect(read({ eventType: 'conversion', value: 9 })[0]?.value).toBe(9);
    expect(read({ eventType: 'conversion', value: 9, objectIDs: ['a', 'b'] })[0]?.value).toBeUndefined();
  });

  it('have the same id when they are sent again', () => {
    const [first, again] = [read({ timestamp: 5 })[0], read({ timestamp: 5 })[0]];
    expect(again).toEqual(first);
    expect(first?.at).toBe('1970-01-01T00:00:00.005Z');
    const ids = [{}, { timestamp: 6 }, { userToken: 'x' }, { eventName: 'x' }, { objectIDs: ['b'] }];
    expect(new Set(ids.map((over) => read(over)[0]?.eventId)).size).toBe(5);
  });

  it.each([
    ['unknown_type', { eventType: 'tap' }],
    ['unknown_type', { eventType: 'toString' }],
    ['malformed', { eventName: '' }],
    ['malformed', { userToken: null }],
    ['malformed', { objectIDs: [] }],
    ['malformed', { objectIDs: undefined, filters: ['brand:x'] }],
    ['malformed', { objectIDs: ['a\ud800'] }],
    ['malformed', { objectIDs: Array.from({ length: 21 }, String) }],
    ['malformed', { timestamp: 'now' }],
    ['unknown_search', { queryID: undefined }],
  ])('are refused with %s and keep their place', (code, over) => {
    const { events, refused } = readAlgoliaEvents([event(), event(over)]);
    expect([events.length, refused]).toEqual([1, [{ index: 1, code, message: expect.stringMatching(/"\w+".*\.$/) }]]);
  });

  it('are each either read or refused, whatever they are', () => {
    const nearly = fc.record(
      {
        eventType: fc.constantFrom('click', 'view', 'conversion', '__proto__'),
        eventName: fc.jsonValue(),
        userToken: fc.string(),
        queryID: fc.oneof(fc.string(), fc.uuid()),
        objectIDs: fc.array(fc.oneof(fc.string(), fc.jsonValue()), { maxLength: 3 }),
        objectData: fc.jsonValue(),
        timestamp: fc.oneof(fc.double(), fc.jsonValue()),
      },
      { requiredKeys: ['eventType'] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), nearly), { maxLength: 8 }), (documents) => {
        const { events, refused } = readAlgoliaEvents(documents);
        const places = new Set([...events, ...refused].map(({ index }) => index));
        expect(places.size).toBe(documents.length);
        expect(refused.every(({ index }) => !events.some((one) => one.index === index))).toBe(true);
        expect(readAlgoliaEvents(documents)).toEqual({ events, refused });
      }),
    );
  });
});
