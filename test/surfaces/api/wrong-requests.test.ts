import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_TABLE } from '../../../src/foundation/core/error-table.ts';
import { BOOKS, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';
import { MAX_BODY_BYTES, WRONG_REQUESTS } from '../support/wrong-requests.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ limits: { maxBodyBytes: MAX_BODY_BYTES } });
  await putBooks(served.client);
});
afterAll(() => served.close());

describe('wrong requests', () => {
  it.each(
    WRONG_REQUESTS.map(([request, body, code, sentence, headers]) => ({
      request,
      body,
      code,
      sentence,
      headers,
      shown: JSON.stringify(body)?.slice(0, 60) ?? 'no body',
    })),
  )('$request with $shown is answered with $code', async ({ request, body, code, sentence, headers }) => {
    const [method, path] = request.split(' ') as [string, string];
    const answer = await send(served.url, method, path, body, headers);
    expect(answer.body).toMatchObject({
      error: { code, message: expect.stringContaining(sentence), requestId: expect.any(String) },
    });
    expect(answer.status).toBe(ERROR_TABLE[code].status);
    expect(answer.body.error?.message).toMatch(/^["A-Z].*[.?]$/s);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('change nothing', async () => {
    const { items: stored } = await served.client.listItems('books');
    expect(stored.map((item) => item.id)).toEqual(BOOKS.map((book) => book.id));
    expect((await served.client.listCollections()).collections.map((collection) => collection.name)).toEqual(['books']);
  });
});

describe('a request with some bad items', () => {
  it('stores the others and says of each bad one where it is and what is wrong', async () => {
    await served.client.putCollection('some', {
      fields: { title: { type: 'text', lexical: true }, price: { type: 'number', filter: true } },
    });
    const answer = await served.client.putItems('some', {
      items: [
        { id: 'a', title: 'fine' },
        'text',
        { title: 'no id' },
        { id: 'b', price: 'cheap' },
        { id: 'x'.repeat(300) },
        { id: 'c', title: 'a\u0000b' },
      ],
    });
    expect(answer).toMatchObject({ accepted: 1, failed: 5 });
    expect(answer.errors.map((error) => [error.index, error.stage, error.code])).toEqual([
      [1, 'validate', 'invalid_item'],
      [2, 'validate', 'invalid_item'],
      [3, 'validate', 'invalid_item'],
      [4, 'validate', 'invalid_item'],
      [5, 'validate', 'invalid_item'],
    ]);
  });

  it('refuses events by reason and takes the rest', async () => {
    const { searchId, hits } = await served.client.search('books', { query: 'sea', limit: 2 });
    const shown = { searchId: searchId as string, itemId: hits[0]?.id as string, type: 'click' as const };
    const answer = await served.client.sendEvents({
      events: [
        { ...shown, eventId: 'one' },
        { ...shown, eventId: 'one' },
        { ...shown, searchId: 'no id' },
        { ...shown, itemId: 'never shown' },
        { ...shown, at: '2999-01-01T00:00:00Z' },
        { ...shown, at: '1999-01-01T00:00:00Z' },
        { ...shown, type: 'stare' },
        { searchId: shown.searchId, itemID: 'x' } as never,
        { ...shown, itemId: 'a\u0000b' },
      ],
    });
    expect(answer).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(answer.rejected[5]?.message).toMatch(/"itemID".*Did you mean "itemId"/);
    expect(answer.rejected.map((one) => [one.index, one.code])).toEqual([
      [2, 'unknown_search'],
      [3, 'item_not_shown'],
      [4, 'in_the_future'],
      [5, 'before_the_search'],
      [6, 'unknown_type'],
      [7, 'malformed'],
      [8, 'malformed'],
    ]);
  });
});
