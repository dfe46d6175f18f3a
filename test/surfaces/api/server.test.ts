import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/surfaces/api/request-log.ts';
import { createServer } from '../../../src/surfaces/api/server.ts';
import { answerOf, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ corsOrigins: ['https://shop.example'] });
  await putBooks(served.client);
});
afterAll(() => served.close());

/** An NDJSON upload that stays open until `end`: a request in flight for as long as a test wants. */
function openUpload(url: string): { end(): Promise<{ status: number | undefined; text: string }> } {
  const post = request(`${url}/v1/collections/books/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  post.write('{"id":"late","title":"Late arrival"}\n');
  const answer = answerOf(post);
  return {
    end() {
      post.end();
      return answer;
    },
  };
}

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('the server', () => {
  it('is alive and ready, and says so', async () => {
    expect(await served.client.live()).toEqual({ status: 'ok' });
    expect(await served.client.ready()).toMatchObject({ status: 'ok' });
  });

  it('counts requests by route', async () => {
    await served.client.search('books', { query: 'sea' });
    const text = await served.client.metrics();
    expect(text).toMatch(
      /embedding_studio_http_requests_total\{method="POST",route="\/v1\/collections\/:name\/search",status="200"\} \d+/,
    );
    expect(text).not.toContain('books');
  });

  it('answers HEAD like GET, without a body', async () => {
    const answer = await fetch(`${served.url}/v1/collections/books`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  it('does not answer to names that are not its own, which a page elsewhere may have given this address', async () => {
    const ask = (host: string) => answerOf(request(`${served.url}/v1/collections`, { headers: { host } }).end());
    const refused = await ask('rebound.example');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('host_not_allowed');
    for (const host of ['localhost:4242', '127.0.0.1', '[::1]:80', 'shop.localhost'])
      expect((await ask(host)).status).toBe(200);
  });

  it('answers to the names that it was told of', async () => {
    const server = createServer(served.studio.services, {
      allowedHosts: ['search.example'],
      logger: createLogger('silent'),
    });
    const url = await server.listen();
    const answer = await answerOf(request(`${url}/health/live`, { headers: { host: 'search.example:443' } }).end());
    expect(answer.status).toBe(200);
    await server.close();
  });

  it('says which methods a path has', async () => {
    const answer = await send(served.url, 'DELETE', '/v1/events');
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  it('takes over a request id that looks like one, and makes one otherwise', async () => {
    const given = await send(served.url, 'GET', '/nope', undefined, { 'x-request-id': 'trace-1' });
    expect(given.headers.get('x-request-id')).toBe('trace-1');
    expect(given.body.error).toMatchObject({ requestId: 'trace-1' });
    const odd = await send(served.url, 'GET', '/nope', undefined, { 'x-request-id': 'a b"c' });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lets pages of named origins in, and no others', async () => {
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const named = await send(served.url, 'OPTIONS', '/v1/events', undefined, preflight);
    expect([named.status, named.headers.get('access-control-allow-origin')]).toEqual([204, 'https://shop.example']);
    const other = await send(served.url, 'GET', '/health/live', undefined, { origin: 'https://elsewhere.example' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('sends security headers with everything', async () => {
    const { headers } = await send(served.url, 'GET', '/nope');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it('answers bytes that are no HTTP in JSON too', async () => {
    const { port } = new URL(served.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      socket
        .on('data', (piece) => (text += piece))
        .on('close', () => resolve(text))
        .on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid_http"');
  });

  it('answers an address that is too long', async () => {
    const answer = await send(served.url, 'GET', `/v1/models?${'x'.repeat(200_000)}`);
    expect([answer.status, answer.body.error]).toMatchObject([400, { code: 'invalid_http' }]);
  });

  it('listens on the loopback address when nothing else is said', () => {
    expect(new URL(served.url).hostname).toBe('127.0.0.1');
  });
});

describe('limits', () => {
  it('answer 503 with a time to wait when too much is in flight, and health stays reachable', async () => {
    const server = createServer(served.studio.services, { logger: createLogger('silent'), limits: { maxInFlight: 1 } });
    const url = await server.listen();
    const upload = openUpload(url);
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes('http_in_flight 1'));
    const refused = await send(url, 'POST', '/v1/collections/books/search', { query: 'sea' });
    expect([refused.status, refused.body.error?.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'overloaded',
      '1',
    ]);
    expect((await send(url, 'GET', '/health/live')).status).toBe(200);
    expect((await upload.end()).status).toBe(200);
    await until(async () => (await send(url, 'POST', '/v1/collections/books/search', { query: 'sea' })).status === 200);
    await server.close();
  });

  it('answer 504 when the work takes too long', async () => {
    const server = createServer(served.studio.services, {
      logger: createLogger('silent'),
      limits: { requestTimeoutSeconds: 0 },
    });
    const url = await server.listen();
    const answer = await send(url, 'POST', '/v1/collections/books/search', { query: 'something new' });
    expect([answer.status, answer.body.error?.code]).toEqual([504, 'timeout']);
    await server.close();
  });
});

describe('a stop', () => {
  it('finishes what is in flight, takes nothing new, and then closes', async () => {
    const server = createServer(served.studio.services, { logger: createLogger('silent') });
    const url = await server.listen();
    const upload = openUpload(url);
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes('http_in_flight 1'));
    const closed = server.close();
    await expect(fetch(`${url}/health/live`).then((answer) => answer.status))
      .resolves.toBe(503)
      .catch(() => {});
    const answer = await upload.end();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ failed: 0 });
    await closed;
    await expect(fetch(url)).rejects.toThrow();
    expect((await served.client.getItem('books', 'late')).payload).toEqual({ title: 'Late arrival' });
  });

  it('does not wait longer than it was told', async () => {
    const server = createServer(served.studio.services, {
      logger: createLogger('silent'),
      limits: { shutdownSeconds: 0.2 },
    });
    const url = await server.listen();
    const upload = openUpload(url);
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes('http_in_flight 1'));
    const cut = upload.end.bind(upload);
    await server.close();
    await expect(cut()).rejects.toThrow();
  });
});
