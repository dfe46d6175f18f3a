import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import { queryKeyOf } from '../../feedback/query-key.ts';
import { checkJudgment } from '../../judgments/judgment.ts';
import { evaluateRun, type Metric } from '../evaluate-run.ts';
import { requestOf, type Searcher } from './ask-arms.ts';
import {
  depthOf,
  type EvaluationInput,
  type EvaluationRequest,
  type InlineJudgment,
  MAX_DEPTH,
} from './evaluation-input.ts';
import { MAX_JUDGMENTS, noSuchSet, tooMany } from './judged-queries.ts';
import { countJudgments } from './offline-queries.ts';

/** What an evaluation reads and asks. */
export interface EvaluationSources {
  readonly db: Db;
  readonly search: Searcher;
  /** `get` throws `collection_not_found`. */
  readonly collections: { get(name: string): Promise<{ readonly id: number }> };
}

const DEFAULT_METRICS = ['ndcg@10', 'mrr@10', 'recall@10'];

/** The request with nothing left open; throws for whatever would fail later, when nobody looks any more. */
export async function checkRequest(
  { db, collections, search }: EvaluationSources,
  name: string,
  request: EvaluationRequest,
): Promise<EvaluationInput> {
  const { id } = await collections.get(name);
  const metrics = checkMetrics(request.metrics ?? DEFAULT_METRICS);
  const { judgments, arms } = request;
  checkNames(arms.map((arm) => arm.name));
  if ('set' in judgments) {
    const count = await countJudgments(db, id, judgments.set);
    if (count === 0) throw noSuchSet(judgments.set);
    if (count > MAX_JUDGMENTS) throw tooMany(judgments.set);
  } else checkInline(judgments);
  for (const arm of arms) {
    const place = arm.collection ?? name;
    await collections.get(place);
    // One search says whether mode, filter and indexes fit one another.
    await search.search(place, requestOf(arm, 'a', 1)).catch((error) => {
      if (!StudioError.isInstance(error)) throw error;
      const { hint } = error;
      throw new StudioError(error.code, `The arm "${arm.name}" cannot search: ${error.message}`, {
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      });
    });
  }
  const { unjudged = 'zero', gain = 'linear', relevantFrom = null, seed = 1 } = request;
  return { collection: name, collectionId: id, judgments, arms, metrics, unjudged, gain, relevantFrom, seed };
}

function checkMetrics(given: readonly string[]): readonly Metric[] {
  const metrics = [...new Set(given)] as Metric[];
  evaluateRun(new Map(), new Map(), { metrics });
  for (const metric of metrics) {
    if (depthOf(metric) > MAX_DEPTH)
      throw new StudioError('invalid_request', `${metric} looks deeper than a search answers: ${MAX_DEPTH} hits.`);
  }
  return metrics;
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new StudioError('invalid_request', `Two arms have the name "${twice}"; each needs one of its own.`);
}

function checkInline(judgments: readonly InlineJudgment[]): void {
  const seen = new Set<string>();
  judgments.forEach((judgment, at) => {
    try {
      checkJudgment(judgment);
    } catch (error) {
      throw new StudioError('invalid_judgment', `"judgments.${at}": ${(error as Error).message}`, { cause: error });
    }
    const pair = JSON.stringify([queryKeyOf(judgment.query), judgment.itemId]);
    if (seen.has(pair)) {
      throw new StudioError('invalid_judgment', `"judgments.${at}" judges the same query and item once more.`, {
        hint: 'Give each pair one grade.',
      });
    }
    seen.add(pair);
  });
}
