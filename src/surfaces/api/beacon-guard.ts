import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The endpoint takes JSON that is sent as text/plain, too. */
    beacon?: boolean;
  }
}

export const isPlainText = (contentType: string | undefined): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'text/plain';

/**
 * JSON as text/plain is what `navigator.sendBeacon` sends without a question to the server first (a preflight), from
 * any page on the web. Hence only where an endpoint declares it, and from a page only when the page is the server's own
 * or its origin was named; other origins could not send JSON either. What is no browser names no origin.
 */
export function registerBeaconGuard(app: FastifyInstance, corsOrigins: readonly string[]): void {
  app.addHook('onRequest', async (request) => {
    if (request.is404 || !hasBody(request) || !isPlainText(request.headers['content-type'])) return;
    if (request.routeOptions.config.beacon !== true)
      throw new StudioError('unsupported_media_type', 'The content type of the body is not supported.');
    const { origin } = request.headers;
    if (origin === undefined || corsOrigins.includes('*') || corsOrigins.includes(origin)) return;
    if (isSameOrigin(request, origin)) return;
    throw new StudioError('origin_not_allowed', `Pages of ${origin.slice(0, 200)} may not send events to this server.`);
  });
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** By the browser's own word, which no page can forge, or by the name that the request was sent to. */
function isSameOrigin({ headers }: FastifyRequest, origin: string): boolean {
  if (headers['sec-fetch-site'] === 'same-origin') return true;
  // A proxy may speak https to the browser and http to us: the scheme is not compared.
  return URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase();
}
