import type { ClientRequest } from 'node:http';
import { createStudio, type Studio } from '../../../src/studio.ts';
import { createLogger } from '../../../src/surfaces/api/request-log.ts';
import { createServer, type Server, type ServerOptions } from '../../../src/surfaces/api/server.ts';
import { type Client, createClient } from '../../../src/surfaces/sdk/client.ts';

export interface ServedStudio {
  readonly url: string;
  readonly client: Client;
  readonly server: Server;
  readonly studio: Studio;
  close(): Promise<void>;
}

/** The real thing on a free port: a database in memory, the starter models, the whole API. */
export async function serveStudio(options: ServerOptions = {}): Promise<ServedStudio> {
  const studio = await createStudio({ dataDirectory: 'memory' });
  const server = createServer(studio.services, { logger: createLogger('silent'), ...options });
  const url = await server.listen();
  return {
    url,
    client: createClient({ baseUrl: url }),
    server,
    studio,
    async close() {
      await server.close();
      await studio.close();
    },
  };
}

export const BOOK_FIELDS = {
  title: { type: 'text', embed: true, lexical: 3, filter: true },
  about: { type: 'text', lexical: true },
  color: { type: 'keyword', filter: true, facet: true },
  shelf: { type: 'category', filter: true, facet: true },
  price: { type: 'number', filter: true, facet: true, sort: true },
  added: { type: 'date', filter: true, sort: true },
  place: { type: 'geo', filter: true },
} as const;

export const BOOKS = [
  {
    id: 'sea',
    title: 'The sea and the ship',
    about: 'Sailors on the ocean',
    color: 'blue',
    shelf: 'Fiction > Travel',
    price: 12,
    added: '2026-01-02',
    place: { lat: 52.5, lon: 13.4 },
  },
  {
    id: 'wood',
    title: 'A walk in the forest',
    about: 'Trees, birds and silence',
    color: 'green',
    shelf: 'Nature',
    price: 9.5,
    added: '2026-02-03',
  },
  {
    id: 'cook',
    title: 'Bread and soup',
    about: 'Cooking for many guests',
    color: 'red',
    shelf: 'Home > Kitchen',
    price: 30,
    added: '2026-03-04',
  },
  {
    id: 'star',
    title: 'Stars at night',
    about: 'Astronomy for beginners',
    color: 'blue',
    shelf: 'Nature > Sky',
    price: 21,
    added: '2026-04-05',
  },
];

/** A collection of four books, indexed. */
export async function putBooks(client: Client, name = 'books'): Promise<void> {
  await client.putCollection(name, { fields: BOOK_FIELDS });
  await client.putItems(name, { items: BOOKS }, { wait: 'indexed' });
}

/** A request as it is, without the client's help; the answer's body is parsed when it is JSON. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{
  status: number;
  headers: Headers;
  body: { error?: { code: string; message: string; hint?: string } } & Record<string, unknown>;
}> {
  const raw =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(raw === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(raw === undefined ? {} : { body: raw as string }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? JSON.parse(text) : { text },
  };
}

/** The answer to a request that is written piece by piece. */
export function answerOf(post: ClientRequest): Promise<{ status: number | undefined; text: string }> {
  const answer = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    post.on('error', reject).on('response', (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (piece) => {
          text += piece;
        })
        .on('end', () => resolve({ status: response.statusCode, text }))
        .on('error', reject);
    });
  });
  answer.catch(() => {});
  return answer;
}
