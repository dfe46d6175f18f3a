import { StudioError } from '../../../foundation/core/errors.ts';
import { type PairRecord, type PairSet, pairSetOf } from '../batches/pair-set.ts';
import type { Objective } from '../objectives/objective.ts';
import { pairObjective } from '../objectives/pair-objective.ts';
import { type ObjectiveContext, type Objectives, splitHeldOut, tooLittle } from './objective-context.ts';
import { type BuiltPairLoss, pairLossOf } from './pair-loss.ts';
import type { TrainingData } from './training-data.ts';

/** Queries are held out with all their pairs. */
export async function fromPairs(
  data: Extract<TrainingData, { kind: 'pairs' }>,
  context: ObjectiveContext,
): Promise<Objectives> {
  const [, held] =
    data.validation === undefined
      ? splitHeldOut([...new Set(data.pairs.map((pair) => pair.query))], context)
      : [[], []];
  const away = new Set(held);
  const judging = data.validation ?? data.pairs.filter((pair) => away.has(pair.query));
  const kept = data.pairs.filter((pair) => !away.has(pair.query));
  if (kept.length === 0) throw tooLittle('pairs of a query and an item');
  const loss = pairLossOf(data.loss ?? { kind: 'info-nce' });
  const objective = (pairs: readonly PairRecord[], seed: number): Promise<Objective> =>
    pairsObjective(pairSetOf(pairs, data.catalogue), loss, seed, context);
  return {
    parameters: loss.parameters,
    training: await objective(kept, context.settings.seed),
    validation: judging.length === 0 ? null : await objective(judging, 0),
  };
}

async function pairsObjective(
  set: PairSet,
  loss: BuiltPairLoss,
  seed: number,
  { trainee, settings, frozen }: ObjectiveContext,
): Promise<Objective> {
  const { batch, sample, anchor, matryoshka, chunk } = settings;
  // More items than there are would stand in a batch twice.
  const items = Math.max(batch, chunk === undefined ? Math.min(settings.items, set.items.length) : settings.items);
  if (chunk !== undefined && (batch % chunk !== 0 || items % chunk !== 0)) {
    throw new StudioError(
      'invalid_training',
      `Batches of ${batch} pairs and ${items} items cannot be cut into chunks of ${chunk}.`,
    );
  }
  if (anchor > 0 && trainee.trainsTexts === true) {
    throw new StudioError('invalid_training', 'Pictures and texts that are both trained have no anchor.');
  }
  const began = {
    strength: anchor,
    queries: anchor > 0 ? await frozen.vectors(set.queries, 'query') : null,
    items: anchor > 0 && trainee.movesItems ? await frozen.vectors(set.items, 'item') : null,
  };
  return pairObjective({
    set,
    query: await trainee.side(set.queries, 'query'),
    item: await trainee.side(set.items, 'item'),
    batch: { pairs: batch, items, seed, sample },
    ...(chunk === undefined ? {} : { chunk }),
    loss: loss.build,
    ...(matryoshka.length > 0 ? { matryoshka } : {}),
    ...(anchor > 0 ? { anchor: began } : {}),
  });
}
