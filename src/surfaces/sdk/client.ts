import type { z } from 'zod';
import { type Contract, contract } from '../api/contract/contract.ts';
import type { Endpoint } from '../api/contract/endpoint.ts';
import { ApiError } from './api-error.ts';
import { fetchTransport, type Transport } from './transport.ts';

type PathArguments<Path extends string> = Path extends `${string}:${infer Name}`
  ? Name extends `${string}/${infer Rest}`
    ? [string, ...PathArguments<`/${Rest}`>]
    : [string]
  : [];
type BodyArguments<E extends Endpoint> = E extends { body: infer B extends z.ZodType } ? [body: z.input<B>] : [];
type QueryArguments<E extends Endpoint> = E extends { query: infer Q extends z.ZodType }
  ? [query?: QueryInput<z.output<Q>>]
  : [];
type QueryInput<Q> = { readonly [K in keyof Q]?: Q[K] | undefined };

/** Path parameters in order, then the body, then the query string: whatever of them the endpoint has. */
export type Arguments<E extends Endpoint> = [...PathArguments<E['path']>, ...BodyArguments<E>, ...QueryArguments<E>];
export type Answer<E extends Endpoint> = E['response'] extends z.ZodType ? z.output<E['response']> : string;
export type Client = {
  readonly [K in keyof Contract]: (...input: Arguments<Contract[K]>) => Promise<Answer<Contract[K]>>;
};

export interface ClientOptions {
  /** For example `http://127.0.0.1:4242`. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How requests travel; `fetch` when left out. */
  readonly transport?: Transport;
}

/**
 * One method per endpoint of the contract, with its types. Failures are `ApiError`s with code, message and hint.
 *
 * @example
 * const client = createClient({ baseUrl: 'http://127.0.0.1:4242' });
 * const { hits, searchId } = await client.search('icons', { query: 'arrow' });
 * await client.sendEvents({ events: [{ searchId, itemId: hits[0].id, type: 'click' }] });
 */
export function createClient(options: ClientOptions): Client {
  const transport = options.transport ?? fetchTransport;
  const methods = Object.entries(contract as Record<string, Endpoint>).map(([name, endpoint]) => [
    name,
    async (...input: unknown[]): Promise<unknown> => {
      const path = endpoint.path.replace(/:\w+/g, () => segmentOf(String(input.shift())));
      const body = endpoint.body === undefined ? undefined : JSON.stringify(input.shift() ?? {});
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(input[0] ?? {})) if (value !== undefined) query.set(key, String(value));
      const url = `${options.baseUrl.replace(/\/+$/, '')}${path}${query.size === 0 ? '' : `?${query}`}`;
      const headers = { ...options.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const answer = await transport({ method: endpoint.method, url, headers, body });
      if (answer.status >= 400) throw ApiError.from(answer.status, answer.text);
      return typeof endpoint.response === 'string' ? answer.text : JSON.parse(answer.text);
    },
  ]);
  return Object.fromEntries(methods) as Client;
}

/** A name or id as one piece of an address. What every client would shorten away is refused: it would name something else. */
function segmentOf(text: string): string {
  if (/^\.{0,2}$/.test(text))
    throw new TypeError(`"${text}" cannot be named in an address; give a list of ids instead.`);
  return encodeURIComponent(text);
}
