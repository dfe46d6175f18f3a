/** Type id of `real` in every PostgreSQL. */
const REAL_OID = 700;
const HEADER_BYTES = 20;

/**
 * Vectors as one flat `real[]` in PostgreSQL's binary form (array_recv), to be bound as `$1::real[]`.
 * Parsing numbers from text is what costs most of an insert (embedded .5 ms a vector of 384, ten times the rest), and
 * `real[]` is the one array whose type id is the same everywhere, unlike that of `vector`.
 *
 * @example sql`select ${realArray([vector])}::real[]::vector`
 */
export function realArray(vectors: readonly Float32Array[]): Uint8Array {
  const length = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * length);
  const view = new DataView(bytes.buffer);
  // One dimension, no nulls, element type, length, lower bound 1; then each element with its size.
  view.setInt32(0, 1);
  view.setInt32(8, REAL_OID);
  view.setInt32(12, length);
  view.setInt32(16, 1);
  let offset = HEADER_BYTES;
  for (const vector of vectors) {
    for (let i = 0; i < vector.length; i++) {
      view.setInt32(offset, 4);
      view.setFloat32(offset + 4, vector[i] as number);
      offset += 8;
    }
  }
  return bytes;
}
