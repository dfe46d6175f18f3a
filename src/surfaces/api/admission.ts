import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';

/**
 * Lets requests in: none once the server is stopping, and under /v1 only so many at once. A request leaves when it
 * is answered and its handler has ended, so work for clients that hung up still counts.
 */
export class Admission {
  readonly #maxInFlight: number;
  readonly #leave = new WeakMap<FastifyRequest, () => void>();
  #inFlight = 0;
  #closing = false;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** From now on requests on open connections are refused. */
  stop(): void {
    this.#closing = true;
  }

  register(app: FastifyInstance): void {
    app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      if (this.#closing) {
        reply.header('connection', 'close');
        throw new StudioError('shutting_down', 'The server is stopping.');
      }
      if (!request.url.startsWith('/v1/')) return;
      if (this.#inFlight >= this.#maxInFlight) {
        throw new StudioError(
          'overloaded',
          `${this.#inFlight} requests are being answered already; this one was not begun.`,
        );
      }
      this.#inFlight++;
      const waiting = new Set(['answered']);
      const leave = (what: string): void => {
        if (waiting.delete(what) && waiting.size === 0) this.#inFlight--;
      };
      this.#leave.set(request, () => {
        waiting.add('handled');
        this.#leave.set(request, () => leave('handled'));
      });
      reply.raw.once('close', () => leave('answered'));
    });
  }

  /** Keeps the request's place until its work ends. */
  async hold<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    this.#leave.get(request)?.();
    try {
      return await work();
    } finally {
      this.#leave.get(request)?.();
    }
  }
}
