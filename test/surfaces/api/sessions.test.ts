import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

describe('feedback over the API', () => {
  let served: ServedStudio;
  beforeAll(async () => {
    served = await serveStudio();
    await putBooks(served.client);
  });
  afterAll(() => served.close());

  it('shows its settings, takes changes, and refuses what makes no sense', async () => {
    const settings = await served.client.getFeedbackSettings('books');
    expect(settings).toMatchObject({ anonymity: 5, eventTypes: { click: { weight: 1 }, dislike: { weight: -1 } } });
    const changed = await served.client.patchFeedbackSettings('books', {
      eventTypes: { share: { weight: 2 } },
      guards: { maxClicksPerMinute: 10 },
    });
    expect(changed.eventTypes.share).toEqual({ weight: 2 });
    expect(changed.guards).toMatchObject({ enabled: true, maxClicksPerMinute: 10 });
    const removed = await served.client.patchFeedbackSettings('books', { eventTypes: { share: null, click: null } });
    expect(Object.keys(removed.eventTypes)).not.toContain('share');
    expect(removed.eventTypes.click).toEqual({ weight: 1 });
    for (const wrong of [
      { anonymity: 0 },
      { eventTypes: { 'No Name': { weight: 1 } } },
      { eventTypes: { click: { weight: 1000 } } },
      { retentionDay: 5 },
    ]) {
      expect((await send(served.url, 'PATCH', '/v1/collections/books/feedback', wrong)).status).toBe(422);
    }
    expect(await served.client.getFeedbackSettings('books')).toEqual(removed);
  });

  it('shows sessions with what they asked and did, and lets a person take one out', async () => {
    const { searchId, hits } = await served.client.search('books', { query: 'stars', user: 'ann' });
    await served.client.sendEvents({
      events: [{ searchId: searchId as string, itemId: hits[0]?.id as string, type: 'click' }],
    });
    const { sessions } = await served.client.listSessions('books');
    expect(sessions[0]).toMatchObject({ client: 'user ann', searches: 1, setAside: null, irrelevant: null });
    const id = String(sessions[0]?.id);
    const session = await served.client.getSession('books', id);
    expect(session.log[0]).toMatchObject({
      query: 'stars',
      superseded: false,
      events: [{ type: 'click', position: 1 }],
    });
    expect(await served.client.markSession('books', id, { irrelevant: 'a test' })).toMatchObject({
      irrelevant: 'a test',
    });
    await expect(served.client.getSession('books', '999999')).rejects.toMatchObject({ code: 'session_not_found' });
    await expect(served.client.getSession('books', 'x')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('releases a batch once, and reads it', async () => {
    await served.client.search('books', { query: 'bread', user: 'bob' });
    const released = await served.client.releaseBatch('books', { key: 'spring' });
    expect(released).toMatchObject({ key: 'spring', created: true });
    expect(await served.client.releaseBatch('books', { key: 'spring' })).toEqual({ ...released, created: false });
    expect((await served.client.listBatches('books')).batches).toMatchObject([{ key: 'spring' }]);
    expect((await served.client.readBatch('books', released.id)).nextCursor).toBe(null);
    await expect(served.client.readBatch('books', 'nothing')).rejects.toMatchObject({ code: 'batch_not_found' });
  });
});
