import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { newId } from '../../foundation/core/ids.ts';
import { Admission } from './admission.ts';
import { registerBeaconGuard } from './beacon-guard.ts';
import { registerBodyGuard } from './body-guard.ts';
import { registerBodyParsers } from './body-parsers.ts';
import { contract } from './contract/contract.ts';
import { answerClientError, answerError, registerNotFound } from './error-answers.ts';
import { registerHeaders } from './headers.ts';
import { registerHostGuard } from './host-guard.ts';
import { registerHttpMetrics } from './http-metrics.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { registerEndpoints } from './register-endpoints.ts';
import { createLogger, registerRequestLog } from './request-log.ts';
import { analyticsHandlers } from './routes/analytics.ts';
import { collectionHandlers } from './routes/collections.ts';
import { evaluationHandlers } from './routes/evaluations.ts';
import { feedbackHandlers } from './routes/feedback.ts';
import { foreignEventHandlers } from './routes/foreign-events.ts';
import { itemHandlers } from './routes/items.ts';
import { judgmentHandlers } from './routes/judgments.ts';
import { privacyHandlers } from './routes/privacy.ts';
import { profileHandlers } from './routes/profiles.ts';
import { runHandlers } from './routes/runs.ts';
import { searchHandlers } from './routes/search.ts';
import { sessionHandlers } from './routes/sessions.ts';
import { systemHandlers } from './routes/system.ts';
import { trainingHandlers } from './routes/trainings.ts';
import type { Services } from './services.ts';
import { registerStaticFiles, registerTracker } from './static-files.ts';

export interface ServerOptions {
  readonly limits?: Partial<Limits>;
  /** Origins whose pages may call the API; `*` for all. None by default. */
  readonly corsOrigins?: readonly string[];
  /** Further names, as in the Host header, that a server on loopback answers to: those of a proxy before it. */
  readonly allowedHosts?: readonly string[];
  readonly logger?: FastifyBaseLogger;
  /** Folder of the search page; null serves none. */
  readonly pageFolder?: string | null;
}

export interface Server {
  readonly app: FastifyInstance;
  /** Loopback and a free port by default. Returns the address, for example `http://127.0.0.1:4242`. */
  listen(where?: { readonly host?: string; readonly port?: number }): Promise<string>;
  /** Takes nothing new, finishes what is in flight (within `shutdownSeconds`), then closes. */
  close(): Promise<void>;
}

/** Address and headers: the longest query and filter that the contract takes in an address fit, percent-encoded. */
const MAX_HEAD_BYTES = 160_000;
const IDLE_SWEEP_MILLISECONDS = 50;

/**
 * The HTTP API over the services. It owns none of them: close them after the server.
 *
 * @example
 * const server = createServer(services);
 * const address = await server.listen({ port: 4242 });
 */
export function createServer(services: Services, options: ServerOptions = {}): Server {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const admission = new Admission(limits.maxInFlight);
  const endpoints = Object.values(contract);
  const app = Fastify({
    loggerInstance: options.logger ?? createLogger(),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: limits.maxBodyBytes,
    http: { maxHeaderSize: MAX_HEAD_BYTES },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: ({ headers }) => requestIdOf(headers['x-request-id']),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
    clientErrorHandler: answerClientError,
    // An item id has up to 256 characters, each up to twelve when percent-encoded.
    // A trailing slash is another address: clients shorten `…/books/items/..` to `…/books/`, and to delete an item
    // must never delete its collection.
    routerOptions: { maxParamLength: 4096, ignoreTrailingSlash: false },
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  registerHeaders(app, options.corsOrigins ?? []);
  admission.register(app);
  registerRequestLog(app);
  registerHostGuard(app, options.allowedHosts ?? []);
  registerNotFound(app, endpoints);
  registerBeaconGuard(app, options.corsOrigins ?? []);
  registerBodyGuard(app, limits.bodyTimeoutSeconds);
  registerBodyParsers(app, limits.maxBodyBytes);
  const metrics = registerHttpMetrics(app, admission);
  const handlers = {
    ...collectionHandlers(services),
    ...itemHandlers(services, limits),
    ...searchHandlers(services),
    ...feedbackHandlers(services),
    ...sessionHandlers(services),
    ...foreignEventHandlers(services),
    ...evaluationHandlers(services),
    ...trainingHandlers(services),
    ...runHandlers(services),
    ...judgmentHandlers(services, limits),
    ...analyticsHandlers(services),
    ...privacyHandlers(services),
    ...profileHandlers(services),
    ...systemHandlers(services, metrics),
  };
  registerEndpoints(app, handlers, admission, limits);
  registerTracker(app);
  if (options.pageFolder !== null) registerStaticFiles(app, options.pageFolder);
  return {
    app,
    listen: ({ host = '127.0.0.1', port = 0 } = {}) => app.listen({ host, port }),
    async close() {
      admission.stop();
      const deadline = setTimeout(() => app.server.closeAllConnections(), limits.shutdownSeconds * 1000);
      // A connection that is kept alive after its last answer would hold the server open until its client tires.
      const sweeper = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MILLISECONDS);
      await app.close().finally(() => {
        clearTimeout(deadline);
        clearInterval(sweeper);
      });
    },
  };
}

/** A caller's id is taken over when it looks like one, so that logs of several services join. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : newId();
}
