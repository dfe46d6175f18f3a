import type { z } from 'zod';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
/** Query strings and path parameters are objects; their values arrive as text. */
type Parameters = z.ZodObject;

/** Everything there is to know about one endpoint: the route, the OpenAPI document and the typed client read it. */
export interface Endpoint {
  readonly method: HttpMethod;
  /** Path with `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag:
    | 'Collections'
    | 'Items'
    | 'Search'
    | 'Feedback'
    | 'Analytics'
    | 'Privacy'
    | 'Evaluation'
    | 'Runs'
    | 'Models'
    | 'System';
  readonly params?: Parameters;
  readonly query?: Parameters;
  readonly body?: z.ZodType;
  /** True when the handler checks texts itself, one by one; otherwise a text that cannot be stored is refused at the door. */
  readonly checksTexts?: true;
  /** What a body may be besides application/json; such a body reaches the handler as a stream. */
  readonly streams?: readonly string[];
  /** True when JSON may also come as text/plain, as navigator.sendBeacon sends it (beacon-guard.ts). */
  readonly beacon?: true;
  /** Shape of a JSON answer, or the media type of another one. */
  readonly response: z.ZodType | string;
  readonly status?: number;
  /** Code of a refused body; `invalid_request` when left out. */
  readonly refusal?: 'invalid_schema';
  /** Longest time for an answer; 30 s when left out, null for streams, which have a limit on silence instead. */
  readonly timeoutSeconds?: number | null;
  /** Codes that this endpoint may answer, besides those of every endpoint. */
  readonly errors?: readonly string[];
}

/**
 * Declares an endpoint; its literal types survive, so that a client knows its parameters.
 *
 * @example
 * const getItem = endpoint({ method: 'GET', path: '/v1/items/:id', summary: 'One item', tag: 'Items', response: itemSchema });
 */
export function endpoint<const E extends Endpoint>(declared: E): E {
  return declared;
}
