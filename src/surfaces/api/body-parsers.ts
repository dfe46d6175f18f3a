import type { FastifyInstance } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';

/** JSON is read by us, strictly; NDJSON passes through as a stream. Every other media type is refused. */
export function registerBodyParsers(app: FastifyInstance, maxBodyBytes: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    async (_request: unknown, body: Buffer) => parseJson(body),
  );
  app.addContentTypeParser('application/x-ndjson', async (_request: unknown, stream: unknown) => stream);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Strict JSON in UTF-8; an empty body is undefined. Throws `invalid_json`. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  let text: string;
  try {
    text = decoder.decode(body);
  } catch (cause) {
    throw new StudioError('invalid_json', 'The body is not valid UTF-8.', { cause });
  }
  try {
    // JSON.parse makes `__proto__` an own key, which assignments elsewhere would take for the prototype.
    return /"(?:_|\\u005f){2}(?:p|\\u0070)/i.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError('invalid_json', `The body is not valid JSON: ${(cause as Error).message}.`, { cause });
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__')
    throw new StudioError('invalid_json', 'The body has a key "__proto__", which is not allowed.');
  return value;
}
