import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../foundation/core/error-table.ts';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Endpoint } from './contract/endpoint.ts';

/** What the HTTP layer refuses by itself, in our words. */
const FASTIFY_CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The content type of the body is not supported.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than this server takes.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_http', 'The body is not as long as its Content-Length says.'],
  FST_ERR_BAD_URL: ['invalid_http', 'The address is not a valid URL: check its percent signs.'],
  FST_ERR_ASYNC_CONSTRAINT: ['invalid_http', 'The address cannot be routed.'],
  ECONNRESET: ['invalid_http', 'The connection was closed before the whole request had arrived.'],
};

export function toStudioError(error: unknown): StudioError {
  if (StudioError.isInstance(error)) return error;
  const known = FASTIFY_CODES[(error as Partial<FastifyError>)?.code ?? ''];
  if (known !== undefined) return new StudioError(known[0], known[1], { cause: error });
  // Whatever else the HTTP layer finds wrong with a request is no fault of ours.
  const status = (error as Partial<FastifyError>)?.statusCode ?? 500;
  if (/^FST_/.test((error as Partial<FastifyError>)?.code ?? '') && status >= 400 && status < 500)
    return new StudioError('invalid_http', 'The request cannot be read.', { cause: error });
  return new StudioError('internal', 'Something went wrong inside the server.', { cause: error });
}

/** The one place where failures become answers. What is our fault is logged with its cause, and not told. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = toStudioError(error);
  if (failure.status >= 500) request.log.error({ err: failure.cause ?? failure, code: failure.code }, failure.message);
  if (failure.status === 503) reply.header('retry-after', '1');
  // The rest of a body that nobody reads would be taken for the next request.
  if (!request.raw.complete) reply.header('connection', 'close');
  const body = failure.toJSON();
  reply
    .status(failure.status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    // A string: the route's own writer knows only its answers.
    .send(JSON.stringify({ error: { ...body.error, requestId: request.id } }));
}

/** Answers what has no route before its body is looked at: some methods are refused for want of one. */
export function registerNotFound(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  app.setNotFoundHandler((request, reply) => answerNotFound(endpoints, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return undefined;
    answerNotFound(endpoints, request, reply);
    return reply;
  });
}

/** 404, or 405 with the methods that the path has. */
function answerNotFound(endpoints: readonly Endpoint[], request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0] as string;
  const methods = new Set(
    endpoints.filter((endpoint) => patternOf(endpoint.path).test(path)).map((endpoint) => endpoint.method),
  );
  const allowed = [...methods, ...(methods.has('GET') ? ['HEAD'] : [])].sort().join(', ');
  if (allowed !== '') reply.header('allow', allowed);
  const failure =
    allowed === ''
      ? new StudioError('route_not_found', `There is nothing at ${path.slice(0, 200)}.`)
      : new StudioError('method_not_allowed', `${request.method} is not possible here; use ${allowed}.`);
  answerError(failure, request, reply);
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`);

/** Bytes that are no HTTP request never reach a route; they get the same kind of answer. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const message =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'The address and the headers are too long.'
      : 'The bytes are no HTTP request.';
  const body = JSON.stringify(new StudioError('invalid_http', message).toJSON());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
