import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/surfaces/api/request-log.ts';
import { createServer } from '../../../src/surfaces/api/server.ts';
import { answerOf, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ limits: { bodyTimeoutSeconds: 1, maxBodyBytes: 10_000 } });
  await served.client.putCollection('lines', { fields: { title: { type: 'text' } } });
});
afterAll(() => served.close());

const ndjson = { 'content-type': 'application/x-ndjson' };

describe('NDJSON', () => {
  it('is taken in any number of lines, beyond the limit of JSON bodies, each line with its own fate', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ id: `i${index}`, title: `Item ${index}` }),
    );
    lines[10] = '{"id": ';
    lines[1999] = '{"title": "no id"}';
    const answer = await send(served.url, 'POST', '/v1/collections/lines/items', lines.join('\n'), ndjson);
    expect(answer.body).toMatchObject({ accepted: 2998, failed: 2 });
    expect(answer.body.errors).toMatchObject([
      { line: 11, stage: 'parse', code: 'invalid_json' },
      { line: 2000, stage: 'validate', code: 'invalid_item' },
    ]);
  });

  it('is read only as fast as items are stored', async () => {
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slowly(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      await held;
      yield* source;
    }
    const { items } = served.studio.services;
    const upsertNdjson: typeof items.upsertNdjson = (name, source) => items.upsertNdjson(name, slowly(source));
    const services = { ...served.studio.services, items: { ...items, upsertNdjson } };
    const server = createServer(services, { logger: createLogger('silent') });
    const post = request(`${await server.listen()}/v1/collections/lines/items`, { method: 'POST', headers: ndjson });
    const answer = answerOf(post);

    // 60 MB are offered; while nothing is stored, all but what fits the sockets stays with the sender.
    const line = `${JSON.stringify({ id: 'large', title: 'x'.repeat(600_000) })}\n`;
    let sent = 0;
    const sending = (async () => {
      for (; sent < 100; sent++) {
        if (!post.write(line)) await new Promise((resolve) => post.once('drain', resolve));
      }
      post.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sent).toBeLessThan(50);
    goOn();
    await sending;
    expect(JSON.parse((await answer).text)).toMatchObject({ accepted: 100, failed: 0 });
    await server.close();
  });

  it('that falls silent is given up, and what came before is kept', async () => {
    const post = request(`${served.url}/v1/collections/lines/items`, { method: 'POST', headers: ndjson });
    post.write(`${JSON.stringify({ id: 'before', title: 'the silence' })}\n`.repeat(600));
    const { status } = await answerOf(post);
    post.destroy();
    expect(status).toBe(504);
    expect((await served.client.getItem('lines', 'before')).payload).toEqual({ title: 'the silence' });
  });
});

describe('a JSON body', () => {
  it('that does not arrive in time is hung up on', async () => {
    const post = request(`${served.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 100 },
    });
    post.write('{"events": [');
    const outcome = await new Promise((resolve) => {
      post
        .on('response', (response) => resolve(response.statusCode))
        .on('error', (error) => resolve((error as { code?: string }).code));
    });
    expect(['ECONNRESET', 400]).toContain(outcome);
  });
});
