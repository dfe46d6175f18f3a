/** What the API takes at most. Every limit has an answer of its own: 413, 503 or 504. */
export interface Limits {
  /** Bytes of a JSON body. A picture of 20 MB as base64 fits. */
  readonly maxBodyBytes: number;
  /** Requests under /v1 that are being answered at once; above it 503. */
  readonly maxInFlight: number;
  readonly requestTimeoutSeconds: number;
  /** A body that makes no progress for so long is given up. */
  readonly bodyTimeoutSeconds: number;
  /** Time for requests in flight once the process is told to stop. */
  readonly shutdownSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 32_000_000,
  maxInFlight: 256,
  requestTimeoutSeconds: 30,
  bodyTimeoutSeconds: 60,
  shutdownSeconds: 30,
};
