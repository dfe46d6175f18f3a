import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
});
afterAll(() => served.close());

const shownBy = async () => {
  const { searchId, hits } = await served.client.search('books', { query: 'sea', limit: 3 });
  return { searchId: searchId as string, ids: hits.map((hit) => hit.id) };
};

describe('POST /v1/collections/:name/ubi', () => {
  it('takes searches and events together, and tells what it did not take', async () => {
    const answer = await served.client.sendUbi('books', {
      queries: [{ query_id: 'u-1', user_query: 'boats', client_id: 'c', query_response_hit_ids: ['wood', 'sea'] }],
      events: [
        { action_name: 'click', query_id: 'u-1', event_attributes: { object: { object_id: 'sea' } } },
        { action_name: 'scroll', query_id: 'u-1' },
        'nothing',
        { action_name: 'click', query_id: 'u-1', event_attributes: { object: { object_id: 's\u0000a' } } },
      ],
    });
    expect(answer).toMatchObject({ searches: 1, accepted: 1, duplicates: 0 });
    expect(answer.rejected.map((one) => [one.of, one.index, one.code])).toEqual([
      ['events', 1, 'unknown_type'],
      ['events', 2, 'unknown_type'],
      ['events', 3, 'malformed'],
    ]);
  });

  it("takes events about the server's own searches", async () => {
    const { searchId, ids } = await shownBy();
    const object = { object_id: ids[1] };
    const click = { action_name: 'item_click', query_id: searchId, event_attributes: { object } };
    expect(await served.client.sendUbi('books', { events: [click] })).toMatchObject({ searches: 0, accepted: 1 });
  });

  it.each([
    ['nope', { queries: [] }, 'collection_not_found', 'nope'],
    ['books', { query: [] }, 'invalid_request', 'Known keys: queries, events'],
    ['books', { queries: {} }, 'invalid_request', '"queries" in the body must be a list'],
    ['books', { events: Array(5001).fill({}) }, 'invalid_request', 'must have at most 5000 entries'],
  ])('refuses what is no UBI for %s', async (name, body, code, sentence) => {
    const answer = await send(served.url, 'POST', `/v1/collections/${name}/ubi`, body);
    expect(answer.body.error).toMatchObject({ code, message: expect.stringContaining(sentence) });
  });
});

describe('POST /1/events', () => {
  const click = (searchId: string, objectIDs: readonly unknown[]) => ({
    eventType: 'click',
    eventName: 'Clicked',
    index: 'books',
    userToken: 'browser-1',
    queryID: searchId.replaceAll('-', ''),
    objectIDs,
    positions: [1],
  });

  it('answers OK when all was taken, with the keys of its clients in the address', async () => {
    const { searchId, ids } = await shownBy();
    const path = '/1/events?X-Algolia-Application-Id=a&X-Algolia-API-Key=k&X-Algolia-Agent=insights-js%20(2.17.3)';
    const answer = await send(served.url, 'POST', path, { events: [click(searchId, ids)] });
    expect([answer.status, answer.body]).toEqual([200, { status: 200, message: 'OK' }]);
  });

  it('answers 422 with the refusals by index, and has taken the others', async () => {
    const { searchId, ids } = await shownBy();
    const good = click(searchId, [ids[0]]);
    const events = [good, click(searchId, ['never']), null, { ...good, eventType: 'tap' }];
    const answer = await send(served.url, 'POST', '/1/events', { events });
    expect([answer.status, answer.body.status]).toEqual([422, 422]);
    for (const index of [1, 2, 3]) expect(answer.body.message).toContain(`Event ${index}: `);
    const stored = await served.studio.database.db
      .selectFrom('events')
      .select('item_id')
      .where('search_id', '=', searchId)
      .execute();
    expect(stored).toEqual([{ item_id: ids[0] }]);
  });

  it('refuses a body that has no events', async () => {
    const answer = await send(served.url, 'POST', '/1/events', { event: [] });
    expect(answer.body.error).toMatchObject({ code: 'invalid_request' });
  });
});
