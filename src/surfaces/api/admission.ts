import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';

/**
 * Lets requests in: none once the server is stopping, and under /v1 (and /1) only so many at once. A request leaves when it
 * is answered and its handler has ended, so work for clients that hung up still counts.
 */
export class Admission {
  readonly #maxInFlight: number;
  readonly #leave = new WeakMap<FastifyRequest, () => void>();
  readonly #stopping = new AbortController();
  #inFlight = 0;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Aborted when the server stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** From now on requests on open connections are refused. */
  stop(): void {
    this.#stopping.abort();
  }

  register(app: FastifyInstance): void {
    app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      if (this.stopping.aborted) {
        reply.header('connection', 'close');
        throw new StudioError('shutting_down', 'The server is stopping.');
      }
      if (!/^\/v?1\//.test(request.url)) return;
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
