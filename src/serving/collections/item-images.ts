import { StudioError } from '../../foundation/core/errors.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { blobHashOf, blobReference, decodeDataUri, isDataUri } from '../blobs/data-uris.ts';
import { mapPath, readPath } from './payload-paths.ts';
import type { Fields, Payload } from './schema.ts';

/** Declared image fields, the only places where data URIs become blobs. */
const imageFields = (fields: Fields): Array<readonly [string, boolean]> =>
  Object.entries(fields).flatMap(([name, field]) =>
    field.type === 'image' ? [[name, field.embed === true] as const] : [],
  );

/**
 * Stores the pictures that come as data URIs and puts `blob:<sha256>` in their place. Other texts stay; in an
 * embedded field they are refused, because the product does not fetch pictures from addresses.
 * Throws `invalid_image`, `blob_not_found`, `payload_too_large`.
 */
export async function storeImages(fields: Fields, payload: Payload, blobs: BlobStore): Promise<Payload> {
  let stored = payload;
  for (const [name, embed] of imageFields(fields)) {
    const value = readPath(stored, name);
    const values = Array.isArray(value) ? value : [value];
    const references = new Map<string, string>();
    for (const text of values) {
      if (typeof text !== 'string') continue;
      if (isDataUri(text)) {
        if (!references.has(text)) references.set(text, blobReference((await blobs.put(decodeDataUri(text))).hash));
      } else if (embed && blobHashOf(text) === null) {
        throw new StudioError(
          'invalid_image',
          `The field "${name}" is embedded and needs the picture itself, as a base64 data URI or as blob:<sha256>; addresses are not fetched.`,
          { details: { field: name } },
        );
      }
    }
    const replace = (inner: unknown): unknown =>
      Array.isArray(inner) ? inner.map(replace) : typeof inner === 'string' ? (references.get(inner) ?? inner) : inner;
    if (references.size > 0) stored = mapPath(stored, name, replace);
  }
  const wanted = imageFields(fields)
    .flatMap(([name]) => [readPath(stored, name)].flat())
    .flatMap((value) => blobHashOf(value) ?? []);
  if (wanted.length > 0) {
    const known = await blobs.known(wanted);
    const missing = wanted.find((hash) => !known.has(hash));
    if (missing !== undefined)
      throw new StudioError('blob_not_found', `There is no blob "${missing}"; send the picture itself.`);
  }
  return stored;
}
