import type { FastifyInstance } from 'fastify';

/** Security headers on every answer, and CORS for the origins that were named; for none by default. */
export function registerHeaders(app: FastifyInstance, corsOrigins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('x-frame-options', 'DENY');
    const { origin } = request.headers;
    if (corsOrigins.length === 0) return;
    reply.header('vary', 'origin');
    if (origin === undefined || !(corsOrigins.includes('*') || corsOrigins.includes(origin))) return;
    reply.header('access-control-allow-origin', corsOrigins.includes('*') ? '*' : origin);
    reply.header('access-control-expose-headers', 'x-request-id, retry-after');
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return;
    reply.header('access-control-allow-methods', 'GET, PUT, POST, PATCH, DELETE');
    reply.header('access-control-allow-headers', 'content-type, authorization, x-request-id');
    reply.header('access-control-max-age', '600');
    await reply.status(204).send();
  });
}
