import type { PairRecord } from '../batches/pair-set.ts';
import type { Part } from '../datasets/example.ts';
import type { Snapshot } from '../datasets/snapshot.ts';
import type { TrainingData } from '../recipes/training-data.ts';

/** A snapshot as texts to train from; what is held out stays out. */
export function trainingDataOf(snapshot: Snapshot): Extract<TrainingData, { kind: 'pairs' }> {
  const validation = pairsOf(snapshot, 'validation');
  return {
    kind: 'pairs',
    pairs: pairsOf(snapshot, 'train'),
    catalogue: [...snapshot.items.values()],
    ...(validation.length === 0 ? {} : { validation }),
    loss: { kind: 'info-nce' },
  };
}

function pairsOf({ examples, items }: Snapshot, part: Part): PairRecord[] {
  const own = examples.filter((example) => example.part === part);
  const textOf = (id: string): string => items.get(id) ?? '';
  // Two items may have one text: what is right for the query is not taught as wrong by its double.
  const right = new Map<string, Set<string>>();
  for (const { queryKey, itemId } of own) right.set(queryKey, (right.get(queryKey) ?? new Set()).add(textOf(itemId)));
  return own.map(({ queryKey, query, itemId, weight, negatives }) => ({
    query,
    item: textOf(itemId),
    weight,
    negatives: negatives.map(textOf).filter((text) => right.get(queryKey)?.has(text) !== true),
  }));
}
