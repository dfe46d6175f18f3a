import type { FastifyInstance } from 'fastify';
import type { Transport } from '../sdk/transport.ts';

/** Requests to a server in the same process, without a port. */
export const injectTransport =
  (app: FastifyInstance): Transport =>
  async ({ method, url, headers, body }) => {
    const { pathname, search } = new URL(url);
    const response = await app.inject({
      method: method as 'GET',
      url: `${pathname}${search}`,
      headers: { ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    return { status: response.statusCode, text: response.payload };
  };
