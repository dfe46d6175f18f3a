import { StudioError } from '../../foundation/core/errors.ts';

const BLOB_REFERENCE = /^blob:[0-9a-f]{64}$/;

export const blobReference = (hash: string): string => `blob:${hash}`;
/** The hash of a `blob:<sha256>` reference, or null for any other value. */
export const blobHashOf = (value: unknown): string | null =>
  typeof value === 'string' && BLOB_REFERENCE.test(value) ? value.slice('blob:'.length) : null;

export const isDataUri = (value: unknown): value is string =>
  typeof value === 'string' && /^data:/i.test(value.slice(0, 5));

/** The bytes of a base64 data URI; throws `invalid_image`. */
export function decodeDataUri(uri: string): Uint8Array {
  const comma = uri.indexOf(',');
  const header = comma < 0 ? '' : uri.slice(0, comma);
  if (!/;base64$/i.test(header)) {
    throw new StudioError('invalid_image', 'The data URI must be base64: data:image/png;base64,....');
  }
  const body = uri.slice(comma + 1).replace(/\s+/g, '');
  // Buffer.from skips what it does not know, which would store something else than was sent.
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(body))
    throw new StudioError('invalid_image', 'The data URI holds no valid base64.');
  return Buffer.from(body, 'base64');
}
