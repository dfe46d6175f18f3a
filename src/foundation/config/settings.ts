import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** Text of an environment variable as a whole number within bounds. */
const whole = (least: number, most: number) =>
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\s*\d+\s*$/)
        .transform(Number),
    ])
    .pipe(z.number().int().min(least).max(most));

interface Setting {
  readonly variable: string;
  readonly schema: z.ZodType;
  readonly default: unknown;
  /** Completes the sentence "X must be …". */
  readonly expected: string;
  readonly meaning: string;
}

/** One row per setting: its variable, what it takes, what it is when nobody says anything. */
export const SETTINGS = {
  dataDirectory: {
    variable: 'EMBEDDING_STUDIO_DATA',
    schema: z.string().trim().min(1),
    default: './.data',
    expected: 'a folder, or "memory"',
    meaning: 'Folder of the embedded database, pictures and models; `memory` keeps nothing.',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: z.string().trim().refine(isPostgresAddress).optional(),
    default: undefined,
    expected: 'like postgres://user:password@host:5432/database',
    meaning: 'A PostgreSQL server in the place of the embedded database.',
  },
  databasePoolSize: {
    variable: 'DATABASE_POOL_SIZE',
    schema: whole(2, 200),
    default: 10,
    expected: 'a whole number from 2 to 200',
    meaning: 'Sessions on the PostgreSQL server.',
  },
  host: {
    variable: 'HOST',
    schema: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .regex(/^[^\s/]+$/),
    default: '127.0.0.1',
    expected: 'an address or name of this machine',
    meaning: 'Where the server listens; 0.0.0.0 for every address.',
  },
  port: {
    variable: 'PORT',
    schema: whole(0, 65_535),
    default: 4242,
    expected: 'a whole number from 0 to 65535',
    meaning: 'Port of the server; 0 takes a free one.',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    expected: 'one of trace, debug, info, warn, error, fatal, silent',
    meaning: 'What the log tells.',
  },
  encoderThreads: {
    variable: 'EMBEDDING_STUDIO_ENCODER_THREADS',
    schema: whole(1, 256),
    default: Math.max(1, Math.min(8, availableParallelism())),
    expected: 'a whole number from 1 to 256',
    meaning: 'Processor threads that one encoder uses.',
  },
  maxBodyBytes: {
    variable: 'EMBEDDING_STUDIO_MAX_BODY_BYTES',
    schema: whole(1024, 2 ** 30),
    default: 64 * 2 ** 20,
    expected: 'a whole number from 1024 to 1073741824',
    meaning: 'Bytes of a JSON body.',
  },
} as const satisfies Record<string, Setting>;

function isPostgresAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}
