import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><script>alert(1)</script><rect width="8" height="8" fill="red"/></svg>';

let folder: string;
let served: ServedStudio;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  await mkdir(join(folder, 'page', 'icons'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Search</title>');
  await writeFile(join(folder, 'page', 'app.js'), 'export {};');
  await writeFile(join(folder, 'page', 'icons', 'logo.svg'), '<svg/>');
  await writeFile(join(folder, 'page', 'notes.md'), 'no page');
  served = await serveStudio({ pageFolder: join(folder, 'page') });
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

describe('the search page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/app.js', 'text/javascript; charset=utf-8'],
    ['/icons/logo.svg', 'image/svg+xml'],
  ])('%s is served as %s and not sent twice', async (path, type) => {
    const first = await send(served.url, 'GET', path);
    expect([first.status, first.headers.get('content-type')]).toEqual([200, type]);
    expect(first.headers.get('content-security-policy')).toContain("default-src 'self'");
    const tag = first.headers.get('etag') as string;
    expect((await send(served.url, 'GET', path, undefined, { 'if-none-match': tag })).status).toBe(304);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/icons/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/notes.md',
    '/icons',
    '/index.html%00',
  ])('%s leads nowhere', async (path) => {
    expect((await send(served.url, 'GET', path)).status).toBe(404);
  });
});

describe('a picture of an item', () => {
  it('is kept as a blob that browsers may keep forever and cannot run', async () => {
    await served.client.putCollection('photos', {
      fields: { title: { type: 'text', lexical: true }, photo: { type: 'image', embed: true } },
    });
    const photo = `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString('base64')}`;
    const written = await served.client.putItems(
      'photos',
      { items: [{ id: 'a', title: 'Red', photo }] },
      { wait: 'indexed' },
    );
    expect(written).toMatchObject({ accepted: 1, errors: [] });
    const { payload } = await served.client.getItem('photos', 'a');
    const hash = String(payload.photo).replace(/^blob:/, '');
    const answer = await send(served.url, 'GET', `/v1/blobs/${hash}`);
    expect(answer.body.text).toBe(PICTURE);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('content-security-policy')).toBe(
      "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    );
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const again = await send(served.url, 'GET', `/v1/blobs/${hash}`, undefined, {
      'if-none-match': answer.headers.get('etag') as string,
    });
    expect(again.status).toBe(304);
  });

  it('is found by a picture', async () => {
    const image = `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString('base64')}`;
    expect((await served.client.search('photos', { query: { image } })).hits[0]?.id).toBe('a');
  });
});
