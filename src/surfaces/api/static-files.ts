import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** The page's folder beside this one, in the source tree and in the built package alike. */
export const STUDIO_FOLDER = fileURLToPath(new URL('../studio', import.meta.url));
const TRACKER_FILE = fileURLToPath(new URL('../tracker/tracker.js', import.meta.url));

/** One route for each file that is there at the start: no address can lead anywhere else. */
export function registerStaticFiles(app: FastifyInstance, folder: string = STUDIO_FOLDER): void {
  for (const path of filesOf(folder)) {
    if (MEDIA_TYPES[extname(path)] === undefined) continue;
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    registerFile(app, url === '/index.html' ? '/' : url, path, { 'content-security-policy': PAGE_POLICY });
  }
}

/** The tracker at /tracker.js: public, and pages of every origin may load it. Sending events is another matter. */
export function registerTracker(app: FastifyInstance): void {
  registerFile(app, '/tracker.js', TRACKER_FILE, { 'access-control-allow-origin': '*' });
}

function registerFile(app: FastifyInstance, url: string, path: string, headers: Record<string, string>): void {
  app.get(url, async (request, reply) => {
    const content = await readFile(path);
    const tag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
    reply.header('etag', tag).header('cache-control', 'no-cache').headers(headers);
    if (request.headers['if-none-match'] === tag) return await reply.status(304).send();
    return await reply.type(MEDIA_TYPES[extname(path)] ?? 'application/octet-stream').send(content);
  });
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // A build without the page is an API without the page.
    return [];
  }
}
