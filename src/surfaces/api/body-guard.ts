import type { FastifyInstance, FastifyRequest } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';
import { isPlainText } from './beacon-guard.ts';

/** Refuses compressed bodies, and hangs up on a JSON body that takes too long to arrive; streams have a guard of their own. */
export function registerBodyGuard(app: FastifyInstance, timeoutSeconds: number): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  app.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      throw new StudioError('unsupported_media_type', 'Compressed bodies are not supported.', {
        hint: 'Send the body without Content-Encoding.',
      });
    }
    const type = request.headers['content-type'];
    if (type?.startsWith('application/json') !== true && !isPlainText(type)) return;
    timers.set(
      request,
      setTimeout(() => request.raw.destroy(), timeoutSeconds * 1000),
    );
  });
  const clear = async (request: FastifyRequest): Promise<void> => clearTimeout(timers.get(request));
  app.addHook('preValidation', clear);
  app.addHook('onError', clear);
  app.addHook('onRequestAbort', clear);
}
