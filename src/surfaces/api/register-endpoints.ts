import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';
import type { Admission } from './admission.ts';
import { compileInput, type InputCheck } from './compile-input.ts';
import { compileOutput } from './compile-output.ts';
import { contract } from './contract/contract.ts';
import type { Endpoint } from './contract/endpoint.ts';
import { withDeadline } from './deadline.ts';
import type { Context, Handlers, RawAnswer } from './handler.ts';
import type { Limits } from './limits.ts';
import { storable } from './storable.ts';

type AnyHandler = (context: Context<Endpoint>) => unknown;

/** Turns the contract into routes: check, handle under a deadline, write. */
export function registerEndpoints(
  app: FastifyInstance,
  handlers: Handlers,
  admission: Admission,
  limits: Limits,
): void {
  for (const [name, endpoint] of Object.entries(contract as Record<string, Endpoint>)) {
    const handler = handlers[name as keyof Handlers] as AnyHandler;
    const read = compileRequest(endpoint, admission.stopping);
    const write = typeof endpoint.response === 'string' ? null : compileOutput(endpoint.response);
    const seconds = endpoint.timeoutSeconds === undefined ? limits.requestTimeoutSeconds : endpoint.timeoutSeconds;
    app.route({
      method: endpoint.method,
      url: endpoint.path,
      config: { beacon: endpoint.beacon === true },
      handler: async (request, reply) => {
        const work = (): Promise<unknown> => admission.hold(request, async () => handler(read(request, reply)));
        const answer = await (seconds === null ? work() : withDeadline(seconds, work));
        if (endpoint.status !== undefined && reply.statusCode === 200) reply.status(endpoint.status);
        if (write === null) return await sendRaw(reply, answer as RawAnswer);
        return await reply
          .type('application/json; charset=utf-8')
          .header('cache-control', 'no-store')
          .send(write(answer));
      },
    });
  }
}

function compileRequest(
  endpoint: Endpoint,
  stopping: AbortSignal,
): (request: FastifyRequest, reply: FastifyReply) => Context<Endpoint> {
  const skip: InputCheck = () => undefined;
  const params = endpoint.params === undefined ? skip : storable(compileInput(endpoint.params, 'params'), 'path');
  // Without declared parameters, an unknown one in the query string is still an error.
  const query =
    endpoint.query === undefined ? refuseQuery : storable(compileInput(endpoint.query, 'query'), 'query string');
  const shape = endpoint.body === undefined ? skip : compileInput(endpoint.body, 'body', endpoint.refusal);
  const body = endpoint.checksTexts ? shape : storable(shape, 'body');
  return (request, reply) => {
    const stream = streamOf(endpoint, request);
    return {
      params: params(request.params),
      query: query(request.query),
      body: stream === undefined ? body(request.body) : undefined,
      stream,
      ifNoneMatch: request.headers['if-none-match'],
      // Made when it is asked for: few answers last long enough to care.
      get gone() {
        return goneSignal(reply, stopping);
      },
      setStatus: (status) => void reply.status(status),
    } as Context<Endpoint>;
  };
}

function goneSignal(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const closed = new AbortController();
  if (reply.raw.closed) closed.abort();
  else reply.raw.once('close', () => closed.abort());
  return AbortSignal.any([closed.signal, stopping]);
}

function streamOf(endpoint: Endpoint, request: FastifyRequest): Readable | undefined {
  if (!(request.body instanceof Readable)) return undefined;
  const type = request.headers['content-type'] ?? '';
  if (endpoint.streams?.some((accepted) => type.startsWith(accepted))) return request.body;
  throw new StudioError('unsupported_media_type', `A body of type ${type.slice(0, 80)} is not possible here.`, {
    hint: 'Send application/json.',
  });
}

function refuseQuery(query: unknown): undefined {
  const [key] = Object.keys(query as object);
  if (key === undefined) return undefined;
  throw new StudioError(
    'invalid_request',
    `The query string has the unknown key ${JSON.stringify(key.slice(0, 80))}; this address takes none.`,
  );
}

async function sendRaw(reply: FastifyReply, answer: RawAnswer): Promise<FastifyReply> {
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  reply.type(answer.mediaType);
  if (reply.statusCode === 304) return await reply.send();
  const { content } = answer;
  if (typeof content === 'string') return await reply.send(content);
  return await reply.send(content instanceof Uint8Array ? Buffer.from(content) : Readable.from(content));
}
