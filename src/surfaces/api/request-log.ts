import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type DestinationStream, pino } from 'pino';

/**
 * Logs as JSON lines on standard error. Neither bodies nor query strings are ever logged: they hold what people
 * search for. Credentials are taken out wherever they might appear.
 */
export function createLogger(level: string = 'info', destination?: DestinationStream): FastifyBaseLogger {
  const credentials = ['authorization', 'cookie', 'password', 'apiKey', 'databaseUrl'];
  return pino(
    {
      level,
      redact: { paths: credentials.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      serializers: { err: errorOf },
    },
    destination ?? pino.destination({ dest: 2, sync: false }),
  );
}

/** One line per answered request. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const line = {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    };
    // Probes come every few seconds and say nothing.
    if (route.startsWith('/health/') || route === '/metrics') request.log.debug(line, 'answered');
    else request.log.info(line, 'answered');
  });
}

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: unknown;
  readonly cause?: LoggedError;
}

/** Driver errors carry the statement and its values; of an error only these fields are logged. */
function errorOf(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    code: (error as { code?: unknown }).code,
    ...(error.cause === undefined ? {} : { cause: errorOf(error.cause) }),
  };
}
