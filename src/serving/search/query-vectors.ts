import { StudioError } from '../../foundation/core/errors.ts';
import { normalized } from '../../foundation/core/math.ts';
import type { Encoder } from '../encoders/encoder.ts';
import type { LiveVector } from './live-release.ts';
import type { QueryPart } from './request.ts';

/** What encoders a collection's queries may go through. */
export interface QueryEncoders {
  text(): Promise<Encoder>;
  image(): Promise<Encoder>;
}

export interface QueryVector {
  readonly target: LiveVector;
  readonly vector: Float32Array;
  /** Made by the index's own model (or taken from it), not merely by one that shares its space. */
  readonly native: boolean;
}

interface PartVector {
  readonly target: LiveVector;
  readonly vector: Float32Array;
  readonly native: boolean;
  readonly weight: number;
}

/**
 * The query's vector for every index that it can speak to: an encoder's output reaches all indexes of its space,
 * which is how words find pictures. Parts are normalised, then mixed by weight; negative weights move away.
 * Own-model indexes come first.
 */
export async function queryVectors(
  parts: readonly QueryPart[],
  targets: readonly LiveVector[],
  encoders: QueryEncoders,
  keysOf: (itemIds: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  textOf: (part: QueryPart) => string | null,
): Promise<QueryVector[]> {
  const vectors = (
    await Promise.all(parts.map((part) => partVectors(part, targets, encoders, keysOf, textOf(part))))
  ).flat();
  const mixed = targets.flatMap((target): QueryVector[] => {
    const own = vectors.filter((vector) => vector.target === target);
    if (own.length === 0) return [];
    const single = own.length === 1 && own[0]?.weight === 1 ? own[0].vector : mix(own, target.dimensions);
    return [{ target, vector: single, native: own.some((vector) => vector.native) }];
  });
  return mixed.sort((left, right) => Number(right.native) - Number(left.native));
}

function mix(parts: readonly PartVector[], dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const part of parts) {
    const unit = normalized(part.vector);
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + part.weight * (unit[i] as number);
  }
  return normalized(sum);
}

async function partVectors(
  part: QueryPart,
  targets: readonly LiveVector[],
  encoders: QueryEncoders,
  keysOf: (itemIds: readonly string[]) => Promise<ReadonlyMap<string, number>>,
  text: string | null,
): Promise<PartVector[]> {
  const weight = part.weight ?? 1;
  if (part.itemId !== undefined) return itemVectors(part.itemId, weight, targets, keysOf);
  if (part.vector !== undefined) return rawVectors(Float32Array.from(part.vector), weight, targets);
  if (targets.length === 0) return [];
  if (part.image !== undefined) return encoded(await encoders.image(), { image: part.image }, weight, targets);
  if (text === null || text.trim() === '') return [];
  return encoded(await encoders.text(), { text }, weight, targets);
}

async function encoded(
  encoder: Encoder,
  input: { text: string } | { image: Uint8Array },
  weight: number,
  targets: readonly LiveVector[],
): Promise<PartVector[]> {
  const outputs = encoder.outputs.filter((output) => targets.some((target) => target.space === output.space));
  const found = await Promise.all(
    outputs.map(async (output) => {
      const [vector] = await encoder.encodeQueries([input], output.name);
      return targets
        .filter((target) => target.space === output.space)
        .map((target) => ({
          target,
          vector: vector as Float32Array,
          // Text speaks natively to its own index; a picture to its features rather than to words about it.
          native: target.model === encoder.modelId,
          weight,
        }));
    }),
  );
  return found.flat();
}

async function itemVectors(
  itemId: string,
  weight: number,
  targets: readonly LiveVector[],
  keysOf: (itemIds: readonly string[]) => Promise<ReadonlyMap<string, number>>,
): Promise<PartVector[]> {
  const key = (await keysOf([itemId])).get(itemId);
  if (key === undefined) throw new StudioError('item_not_found', `There is no item "${itemId}" to search by.`);
  const found = await Promise.all(
    targets.map(async (target) => {
      const vector = (await target.index.vectors([key])).get(key);
      return vector === undefined ? [] : [{ target, vector, native: true, weight }];
    }),
  );
  return found.flat();
}

function rawVectors(vector: Float32Array, weight: number, targets: readonly LiveVector[]): PartVector[] {
  const fitting = targets.filter((target) => target.dimensions === vector.length);
  if (fitting.length === 0) {
    const known = [...new Set(targets.map((target) => `${target.dimensions} (${target.space})`))].join(', ');
    throw new StudioError('space_mismatch', `A vector of ${vector.length} numbers fits no index of this collection.`, {
      hint: known === '' ? 'The collection has no vector index.' : `Its indexes hold vectors of ${known}.`,
    });
  }
  return fitting.map((target) => ({ target, vector, native: true, weight }));
}
