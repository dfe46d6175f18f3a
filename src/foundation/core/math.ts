/** Vectors are Float32Array; sums run in double precision. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}

export const norm = (vector: Float32Array): number => Math.sqrt(dot(vector, vector));

/** Cosine similarity in [-1, 1]; 0 when either vector is zero. */
export function cosine(left: Float32Array, right: Float32Array): number {
  const scale = norm(left) * norm(right);
  return scale === 0 ? 0 : dot(left, right) / scale;
}

/** A copy of length 1; the zero vector stays zero. */
export function normalized(vector: Float32Array): Float32Array {
  const length = norm(vector);
  return length === 0 ? vector.slice() : vector.map((value) => value / length);
}

/** Reads pgvector's text form, for example `[0.1,0.2]`. */
export const fromVectorText = (text: string): Float32Array => Float32Array.from(JSON.parse(text) as number[]);
