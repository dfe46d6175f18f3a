import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';
import { isPlainText } from './beacon-guard.ts';

/** JSON is read by us, strictly; NDJSON and tables pass through as streams. Every other media type is refused. */
export function registerBodyParsers(app: FastifyInstance, maxBodyBytes: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    async (_request: unknown, body: Buffer) => parseJson(body),
  );
  // What may come as text/plain the beacon guard has decided by now.
  app.addContentTypeParser(
    'text/plain',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    async ({ headers }: FastifyRequest, body: Buffer) => {
      if (isPlainText(headers['content-type'])) return parseJson(body);
      throw new StudioError('unsupported_media_type', 'The content type of the body is not supported.');
    },
  );
  for (const type of ['application/x-ndjson', 'text/tab-separated-values'])
    app.addContentTypeParser(type, async (_request: unknown, stream: unknown) => stream);
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
