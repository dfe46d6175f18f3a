import type { LexicalHit } from '../ports.ts';
import type { ScoredDocuments } from './score-documents.ts';

/** The best of those that are wanted, by score and then by key, without sorting the rest: a heap with the worst on top. */
export function bestDocuments(
  { count, keys, scores }: ScoredDocuments,
  limit: number,
  isWanted?: (key: number) => boolean,
): LexicalHit[] {
  // Positions in `keys`.
  const heap: number[] = [];
  const isWorse = (left: number, right: number): boolean =>
    scores[left]! < scores[right]! || (scores[left]! === scores[right]! && keys[left]! > keys[right]!);
  if (limit > 0) {
    for (let at = 0; at < count; at++) {
      if (heap.length === limit && !isWorse(heap[0]!, at)) continue;
      if (isWanted !== undefined && !isWanted(keys[at]!)) continue;
      if (heap.length < limit) rise(heap, at, isWorse);
      else sink(heap, at, isWorse);
    }
  }
  return heap
    .sort((left, right) => (isWorse(left, right) ? 1 : -1))
    .map((at) => ({ key: keys[at]!, score: scores[at]! }));
}

type IsWorse = (left: number, right: number) => boolean;

function rise(heap: number[], at: number, isWorse: IsWorse): void {
  let child = heap.push(at) - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isWorse(at, heap[parent]!)) break;
    heap[child] = heap[parent]!;
    child = parent;
  }
  heap[child] = at;
}

/** Puts `at` in the place of the worst. */
function sink(heap: number[], at: number, isWorse: IsWorse): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isWorse(heap[child + 1]!, heap[child]!)) child++;
    if (!isWorse(heap[child]!, at)) break;
    heap[parent] = heap[child]!;
    parent = child;
  }
  heap[parent] = at;
}
