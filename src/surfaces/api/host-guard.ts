import type { FastifyInstance } from 'fastify';
import { StudioError } from '../../foundation/core/errors.ts';

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * A server on loopback answers only to loopback's own names. A web page elsewhere can give its own name this machine's
 * address (DNS rebinding) and would then read and change everything through the browser of whoever visits it.
 */
export function registerHostGuard(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', async (request) => {
    const bound = app.server.address();
    if (bound === null || typeof bound === 'string' || !isLoopback(bound.address)) return;
    const name = request.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    if (isLoopback(name) || allowedHosts.includes(name)) return;
    throw new StudioError('host_not_allowed', `This server listens on loopback and does not answer to "${name}".`);
  });
}
