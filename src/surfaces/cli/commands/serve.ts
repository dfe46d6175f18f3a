import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Config, loadConfig } from '../../../foundation/config/config.ts';
import { StudioError } from '../../../foundation/core/errors.ts';
import { isLoopback } from '../../api/host-guard.ts';
import { installationOptions } from '../connect.ts';
import { type CommandContext, type CommonOptions, withPlace } from './command-context.ts';

interface ServeOptions extends CommonOptions {
  readonly host?: string;
  readonly port?: number;
  readonly cors?: string[];
  readonly allowHost?: string[];
  readonly logLevel?: Config['logLevel'];
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export function addServe(program: Command, context: CommandContext): void {
  withPlace(program.command('serve'))
    .description('serve the API and the search page')
    .option('--host <host>', 'address to listen on, 127.0.0.1 when HOST is not set')
    .option('--port <port>', 'port to listen on, 0 for a free one, 4242 when PORT is not set', parsePort)
    .option('--cors <origin...>', 'origins whose pages may call the API')
    .option('--allow-host <name...>', 'further Host names that a server on loopback answers to: a proxy before it')
    .addOption(new Option('--log-level <level>', 'what the log tells').choices(LEVELS))
    .action((options: ServeOptions) => serve(context, options));
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const { environment } = context;
  const { host, port, logLevel } = options;
  const config = loadConfig(environment.variables, { host, port, logLevel });
  // Loaded here: commands that serve nothing start faster without it.
  const [{ createServer }, { createLogger }] = await Promise.all([
    import('../../api/server.ts'),
    import('../../api/request-log.ts'),
  ]);
  const installation = await environment.open(installationOptions(options));
  const server = createServer(installation.services, {
    corsOrigins: options.cors ?? [],
    allowedHosts: (options.allowHost ?? []).map((name) => name.toLowerCase()),
    logger: createLogger(config.logLevel),
    limits: { maxBodyBytes: config.maxBodyBytes },
  });
  try {
    const address = await server.listen(config).catch((cause: NodeJS.ErrnoException) => {
      throw listenFailure(config, cause);
    });
    if (options.json === true) context.printJson({ address });
    else context.print(`Embedding Studio serves at ${address}`);
    if (!isLoopback(config.host)) {
      environment.stderr.write(
        'Anybody who reaches this address can read and change everything: put a proxy with a login before it.\n',
      );
    }
    await new Promise<void>((resolve) => environment.onStop(resolve));
    environment.stderr.write('Stopping: finishing what is in flight.\n');
  } finally {
    await server.close();
    await installation.close();
  }
}

function listenFailure({ host, port }: Config, cause: NodeJS.ErrnoException): StudioError {
  const reason =
    cause.code === 'EADDRINUSE' ? 'is in use already' : `cannot be opened (${cause.code ?? cause.message})`;
  // What is no address of this machine has no free port either.
  const foreign = cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND';
  return new StudioError('invalid_config', `Port ${port} on ${host} ${reason}.`, {
    cause,
    hint: foreign
      ? 'Choose an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all.'
      : 'Choose another with --port, or 0 for a free one.',
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}
