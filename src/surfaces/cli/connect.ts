import { type Client, createClient } from '../sdk/client.ts';
import type { CliEnvironment, InstallationOptions } from './environment.ts';
import { UsageError } from './failure.ts';
import { injectTransport } from './inject-transport.ts';

export interface ConnectOptions {
  readonly url?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
}

export interface Connection {
  readonly client: Client;
  close(): Promise<void>;
}

/** One client for both ways: a running server, or the data directory opened right here behind the same API. */
export async function connect(environment: CliEnvironment, options: ConnectOptions): Promise<Connection> {
  if (options.url !== undefined) {
    if (!/^https?:\/\//.test(options.url) || !URL.canParse(options.url)) {
      throw new UsageError(`--url ${options.url} is no address.`, 'Give one like http://127.0.0.1:4242.');
    }
    if (options.data !== undefined || options.databaseUrl !== undefined) {
      throw new UsageError('--url excludes --data and --database-url: a running server has its own.');
    }
    return { client: createClient({ baseUrl: options.url }), close: async () => {} };
  }
  const [{ createServer }, { createLogger }] = await Promise.all([
    import('../api/server.ts'),
    import('../api/request-log.ts'),
  ]);
  const installation = await environment.open(installationOptions(options));
  // No limit of time or size for ourselves: a large import waits as long as it takes.
  const limits = { maxBodyBytes: 256_000_000, requestTimeoutSeconds: 3600 };
  const server = createServer(installation.services, { limits, logger: createLogger('error'), pageFolder: null });
  return {
    client: createClient({ baseUrl: 'http://embedded', transport: injectTransport(server.app) }),
    close: async () => {
      await server.close();
      await installation.close();
    },
  };
}

export function installationOptions(options: ConnectOptions): InstallationOptions {
  return {
    ...(options.data === undefined ? {} : { dataDirectory: options.data }),
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
  };
}

/** Runs with a connection and closes it, whatever happens. */
export async function withClient<T>(
  environment: CliEnvironment,
  options: ConnectOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await connect(environment, options);
  try {
    return await work(connection.client);
  } finally {
    await connection.close();
  }
}
