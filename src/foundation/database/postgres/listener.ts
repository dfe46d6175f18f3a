import pg from 'pg';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Notifications of other processes, over a connection of its own, made when somebody first listens. When it breaks it
 * is made again; whoever listens is then told, because notifications in between are lost.
 */
export class Listener {
  readonly #config: pg.ClientConfig;
  readonly #log: (message: string) => void;
  readonly #handlers = new Map<string, Set<(payload: string) => void>>();
  readonly #onGap = new Set<() => void>();
  #client: Promise<pg.Client> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;
  /** One statement at a time: a connection takes no second one while it is at work. */
  #statements: Promise<unknown> = Promise.resolve();

  constructor(config: pg.ClientConfig, log: (message: string) => void) {
    this.#config = config;
    this.#log = log;
  }

  async listen(channel: string, handler: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>> {
    const handlers = this.#handlers.get(channel) ?? new Set();
    const listener = (payload: string): void => handler(payload);
    handlers.add(listener);
    this.#handlers.set(channel, handlers);
    const gap = onGap === undefined ? null : (): void => onGap();
    const stop = async (): Promise<void> => {
      handlers.delete(listener);
      if (gap !== null) this.#onGap.delete(gap);
      if (handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      const client = await this.#client?.catch(() => null);
      if (client) await this.#run(client, `unlisten ${pg.escapeIdentifier(channel)}`).catch(() => {});
    };
    try {
      const client = await this.#connected();
      await this.#run(client, `listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await stop();
      throw error;
    }
    if (gap !== null) this.#onGap.add(gap);
    return stop;
  }

  #run(client: pg.Client, statement: string): Promise<unknown> {
    const run = this.#statements.then(() => client.query(statement));
    this.#statements = run.catch(() => {});
    return run;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.end().catch(() => {});
  }

  #connected(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const connecting = this.#connect();
    this.#client = connecting;
    connecting.catch(() => {
      if (this.#client === connecting) this.#client = null;
    });
    return connecting;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#config, keepAlive: true });
    client.on('notification', ({ channel, payload }) => {
      for (const handler of this.#handlers.get(channel) ?? []) handler(payload ?? '');
    });
    client.on('error', () => {});
    await client.connect();
    client.once('end', () => this.#reconnect(FIRST_PAUSE_MS));
    for (const channel of this.#handlers.keys()) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    return client;
  }

  #reconnect(pauseMs: number): void {
    if (this.#closed) return;
    this.#client = null;
    if (pauseMs === FIRST_PAUSE_MS) this.#log('The connection for notifications broke; it is being made again.');
    this.#retry = setTimeout(() => {
      this.#connected().then(
        () => {
          for (const gap of this.#onGap) gap();
        },
        () => this.#reconnect(Math.min(pauseMs * 2, LONGEST_PAUSE_MS)),
      );
    }, pauseMs);
    this.#retry.unref();
  }
}
