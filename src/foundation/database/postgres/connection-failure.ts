import { StudioError } from '../../core/errors.ts';

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up just now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  '28P01': 'the password is wrong',
  '28000': 'the server does not let this user in',
  '3D000': 'there is no such database',
  '53300': 'it has no connection left',
  '57P01': 'an administrator ended the connection',
  '57P02': 'it crashed and starts again',
  '57P03': 'it is starting up or shutting down',
};

/** Messages of the pg client about broken connections, which have no code. */
const BROKEN = /connection terminated|timeout expired|timeout exceeded|not queryable|server closed|SSL|SASL|ECONN/i;

/**
 * Turns what the pg client says about an unreachable server into `database_unavailable`; null for other errors, which
 * concern a statement. The sentence never holds the password: it is made from parts of the address.
 */
export function connectionFailure(error: unknown, place: string): StudioError | null {
  const { code, message } = innermost(error);
  const known = code === undefined ? undefined : NETWORK[code];
  if (known === undefined && (code !== undefined || !BROKEN.test(message))) return null;
  return new StudioError('database_unavailable', `PostgreSQL at ${place} cannot be used: ${known ?? lower(message)}.`, {
    details: { place, ...(code === undefined ? {} : { code }) },
    cause: error,
  });
}

/** Host, port and database of an address, without user and password. */
export function placeOf(databaseUrl: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
    const host = hostname || searchParams.get('host') || 'localhost';
    return `${host}:${port || '5432'}${pathname}`;
  } catch {
    return 'an address that cannot be read';
  }
}

/** Several addresses of one host fail as an AggregateError, whose own message is empty. */
function innermost(error: unknown): { readonly code: string | undefined; readonly message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const { code } = error as { code?: unknown };
  return { code: typeof code === 'string' ? code : undefined, message: error.message };
}

function lower(message: string): string {
  const text = message.replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
