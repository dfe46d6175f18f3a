import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Contract } from './contract/contract.ts';
import type { Endpoint } from './contract/endpoint.ts';

/** An answer that is not JSON. */
export interface RawAnswer {
  readonly mediaType: string;
  /** What is streamed is sent piece by piece; end it when `gone` says that nobody listens any more. */
  readonly content: string | Uint8Array | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

type OutputOf<E, Part extends string> = E extends { readonly [K in Part]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

/** One request, checked: its parts have the types of the contract. */
export interface Context<E extends Endpoint> {
  readonly params: OutputOf<E, 'params'>;
  readonly query: OutputOf<E, 'query'>;
  readonly body: OutputOf<E, 'body'>;
  /** The body as it arrives, when it has one of the endpoint's stream types; `body` is undefined then. */
  readonly stream: Readable | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Aborted when the client has hung up or the server stops. */
  readonly gone: AbortSignal;
  /** Answers with another status than the contract's. */
  setStatus(status: number): void;
}

/** The input of a response schema, read-only; free-form objects may be of any object type. */
type Plain<T> = T extends readonly (infer Element)[]
  ? readonly Plain<Element>[]
  : T extends object
    ? string extends keyof T
      ? object
      : { readonly [K in keyof T]: Plain<T[K]> }
    : T;

export type Answer<E extends Endpoint> = E['response'] extends z.ZodType ? Plain<z.input<E['response']>> : RawAnswer;
export type Handler<E extends Endpoint> = (context: Context<E>) => Promise<Answer<E>> | Answer<E>;
/** One handler per endpoint; a missing one does not compile. */
export type Handlers<Name extends keyof Contract = keyof Contract> = { readonly [K in Name]: Handler<Contract[K]> };
