import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

const SHOP = 'https://shop.example.com';
let served: ServedStudio;
let open: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ corsOrigins: [SHOP] });
  open = await serveStudio({ corsOrigins: ['*'] });
  await putBooks(served.client);
});
afterAll(async () => {
  await served.close();
  await open.close();
});

const beacon = (headers: Record<string, string>, type = 'text/plain;charset=UTF-8', url = served.url) =>
  send(url, 'POST', '/v1/events', { events: [] }, { 'content-type': type, ...headers });

describe('events as text/plain, which a page sends without a preflight', () => {
  it.each([
    ['a named origin', { origin: SHOP }],
    ['no browser at all', {}],
    ['a page behind the same proxy', { origin: 'https://elsewhere.example', 'sec-fetch-site': 'same-origin' }],
  ])('are taken from %s', async (_, headers) => {
    expect((await beacon(headers as Record<string, string>)).body).toMatchObject({ accepted: 0, rejected: [] });
  });

  it("are taken from the server's own page, and from everywhere when every origin is allowed", async () => {
    expect((await beacon({ origin: new URL(served.url).origin })).status).toBe(200);
    expect((await beacon({ origin: 'https://any.example' }, 'text/plain', open.url)).status).toBe(200);
  });

  it.each([
    'https://evil.example',
    `${SHOP}.evil.example`,
    'null',
    'nonsense',
    'http://shop.example.com',
  ])('are refused from %s, and told what to set', async (origin) => {
    for (const path of ['/v1/events', '/1/events']) {
      const answer = await send(served.url, 'POST', path, { events: [] }, { 'content-type': 'text/plain', origin });
      expect([answer.status, answer.body.error?.code]).toEqual([403, 'origin_not_allowed']);
      expect(answer.body.error?.hint).toContain('--cors');
    }
  });

  it.each([
    'text/plain',
    'Text/Plain; charset=utf-8',
    'text/plain;x=application/json',
    ' text/plain',
  ])('cannot hide behind the spelling %s', async (type) => {
    expect((await beacon({ origin: 'https://evil.example' }, type)).body.error?.code).toBe('origin_not_allowed');
  });

  it.each([
    'text/plain,application/json',
    'text/plainly',
    'text/html',
    'application/x-www-form-urlencoded',
  ])('are no other type, such as %s', async (type) => {
    const { status } = await beacon({ origin: 'https://evil.example' }, type);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it('are possible at no other endpoint', async () => {
    const type = { 'content-type': 'text/plain', origin: SHOP };
    for (const path of ['/v1/collections/books/search', '/v1/collections/books/items', '/v1/collections/books/ubi']) {
      const answer = await send(served.url, 'POST', path, {}, type);
      expect([path, answer.body.error?.code]).toEqual([path, 'unsupported_media_type']);
    }
  });

  it('are not meant by a type without a body, which some clients send with everything', async () => {
    const answer = await send(served.url, 'GET', '/v1/collections', undefined, { 'content-type': 'text/plain' });
    expect(answer.status).toBe(200);
  });

  it('are refused in pieces, too', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"events": []}'));
        controller.close();
      },
    });
    const headers = { 'content-type': 'text/plain', origin: 'https://evil.example' };
    const answer = await fetch(`${served.url}/v1/events`, { method: 'POST', headers, body, duplex: 'half' });
    expect(answer.status).toBe(403);
  });

  it('are JSON all the same', async () => {
    const answer = await send(served.url, 'POST', '/v1/events', 'hello', { 'content-type': 'text/plain' });
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'invalid_json']);
  });
});
