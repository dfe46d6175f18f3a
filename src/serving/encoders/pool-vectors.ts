import type { ModelOutput, Pooling } from '../models/model-spec.ts';

/**
 * One vector per input from a graph's output: `[batch, tokens, dimensions]` is pooled over the tokens that count,
 * `[batch, dimensions]` is taken as it is; then scaled to length 1 where the model says so.
 *
 * @param mask per row and token 1 where the token counts; null when all do.
 * @throws Error when the graph gave what is no number, as fp16 graphs do when they overflow.
 */
export function poolVectors(
  data: Float32Array,
  shape: readonly number[],
  mask: Uint8Array | null,
  { dimensions, pooling, normalized }: Pick<ModelOutput, 'dimensions' | 'pooling' | 'normalized'>,
): Float32Array {
  const batch = shape[0] as number;
  const tokens = data.length / (batch * dimensions);
  const vectors = new Float32Array(batch * dimensions);
  for (let row = 0; row < batch; row++) {
    const source = data.subarray(row * tokens * dimensions, (row + 1) * tokens * dimensions);
    const target = vectors.subarray(row * dimensions, (row + 1) * dimensions);
    if (tokens === 1) target.set(source);
    else pool(source, target, countedTokens(mask, row, tokens), pooling);
    finish(target, normalized);
  }
  return vectors;
}

function countedTokens(mask: Uint8Array | null, row: number, tokens: number): number[] {
  const counted: number[] = [];
  for (let token = 0; token < tokens; token++)
    if (mask === null || mask[row * tokens + token] === 1) counted.push(token);
  return counted;
}

function pool(source: Float32Array, target: Float32Array, counted: readonly number[], pooling: Pooling): void {
  const dimensions = target.length;
  const vectorOf = (token: number): Float32Array => source.subarray(token * dimensions, (token + 1) * dimensions);
  if (pooling === 'cls' || pooling === 'none') target.set(vectorOf(counted[0] ?? 0));
  else if (pooling === 'last') target.set(vectorOf(counted.at(-1) ?? 0));
  else if (pooling === 'max') {
    target.fill(Number.NEGATIVE_INFINITY);
    for (const token of counted) merge(target, vectorOf(token), Math.max);
  } else {
    for (const token of counted) merge(target, vectorOf(token), (sum, value) => sum + value);
    for (let i = 0; i < dimensions; i++) target[i] = (target[i] as number) / counted.length;
  }
}

function merge(target: Float32Array, other: Float32Array, join: (left: number, right: number) => number): void {
  for (let i = 0; i < target.length; i++) target[i] = join(target[i] as number, other[i] as number);
}

function finish(vector: Float32Array, normalized: boolean): void {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) ** 2;
  if (!Number.isFinite(sum)) throw new Error('the graph gave values that are no numbers');
  if (!normalized) return;
  const length = Math.max(Math.sqrt(sum), 1e-12);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
}
