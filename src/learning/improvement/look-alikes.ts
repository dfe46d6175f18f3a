import type { Db } from '../../foundation/database/tables.ts';
import type { LiveVector } from '../../serving/search/live-release.ts';
import type {
  CandidateScorer,
  CandidateSignal,
  SignalContext,
  SignalScore,
} from '../../serving/search/ranking-signal.ts';
import { keysOfItems } from '../../serving/search/search-queries.ts';
import type { FeedbackMemory } from './feedback-memory.ts';

export interface LookAlikesOptions {
  readonly db: Db;
  readonly memory: Pick<FeedbackMemory, 'recall'>;
}

/** Of what a query's clicks lift, so many items hand it on. */
const MAX_LIFTED = 3;
/** Items are alike from this similarity on. */
const MIN_SIMILARITY = 0.6;

/**
 * What a query's clicks lift also lifts what looks like it and was never shown for the query, new items among them:
 * boost · similarity⁴, of the one that gives most. Items that were shown have clicks, or silence, of their own.
 */
export class LookAlikes implements CandidateSignal {
  readonly name = 'lookAlikes';
  readonly #options: LookAlikesOptions;

  constructor(options: LookAlikesOptions) {
    this.#options = options;
  }

  async begin(context: SignalContext, vectors: readonly LiveVector[]): Promise<CandidateScorer | null> {
    const served = vectors.find(({ space }) => space === context.queryVector?.space);
    if (served === undefined) return null;
    const boosts = await this.#options.memory.recall(context);
    const best = [...boosts].filter(([, boost]) => boost > 0).sort((left, right) => right[1] - left[1]);
    if (best.length === 0) return null;
    const keys = await keysOfItems(this.#options.db, context.collectionId, [...boosts.keys()], undefined);
    const shown = new Set(keys.values());
    const lifted = best.slice(0, MAX_LIFTED).flatMap(([itemId, boost]) => {
      const key = keys.get(itemId);
      return key === undefined ? [] : [{ itemId, key, boost }];
    });
    const vectorsOf = await served.index.vectors(lifted.map(({ key }) => key));
    return async (candidates) => {
      const others = candidates.filter((key) => !shown.has(key));
      const scores = new Map<number, SignalScore>();
      for (const { itemId, key, boost } of lifted) {
        const vector = vectorsOf.get(key);
        if (vector === undefined) continue;
        for (const [other, { similarity }] of await served.index.similarities(vector, others)) {
          if (similarity < MIN_SIMILARITY) continue;
          const handedOn = boost * Math.min(1, similarity) ** 4;
          if (handedOn <= (scores.get(other)?.boost ?? 0)) continue;
          scores.set(other, { boost: handedOn, why: { like: itemId, similarity } });
        }
      }
      return scores;
    };
  }
}
