import { StudioError } from '../../../foundation/core/errors.ts';
import type { Run, RunContext, RunKind, RunSummary } from '../../../foundation/jobs/run.ts';
import type { Runs } from '../../../foundation/jobs/runs.ts';
import { type AskedArm, askArms } from './ask-arms.ts';
import { checkRequest, type EvaluationSources } from './check-request.ts';
import { compareArmsBeside } from './compare-arms-thread.ts';
import type { Arm, EvaluationInput, EvaluationRequest } from './evaluation-input.ts';
import type { ArmFigures, EvaluationResult } from './evaluation-result.ts';
import { judgedQueries } from './judged-queries.ts';
import { evaluationReport } from './report/evaluation-report.ts';
import { warningsOf } from './warnings.ts';

const KIND = 'evaluation';

/**
 * Judged queries asked of several ways to search, as a run: how good each is, and whether the differences to the first
 * are more than chance.
 *
 * @example
 * const evaluation = new OfflineEvaluation({ db, search, collections });
 * const runs = new Runs({ db, engine, kinds: [evaluation], onError });
 * const run = await evaluation.start(runs, 'shop', { judgments: { set: 'ratings' }, arms: [{ name: 'now' }] });
 */
export class OfflineEvaluation implements RunKind<EvaluationInput, EvaluationResult> {
  readonly kind = KIND;
  readonly #sources: EvaluationSources;

  constructor(sources: EvaluationSources) {
    this.#sources = sources;
  }

  /** Throws at once for whatever could not come out well: `collection_not_found`, `judgment_set_not_found`, `invalid_filter`, … */
  async start(runs: Pick<Runs, 'start'>, name: string, request: EvaluationRequest): Promise<Run> {
    const input = await checkRequest(this.#sources, name, request);
    return await runs.start(KIND, input.collectionId, input);
  }

  async work(input: EvaluationInput, { signal, progress }: RunContext): Promise<EvaluationResult> {
    const { db, search } = this.#sources;
    progress({ done: 0, total: null, message: 'reading judgments' });
    const queries = await judgedQueries(db, input, signal);
    const total = queries.length * input.arms.length;
    const asked = await askArms(search, queries, input, signal, (done) =>
      progress({ done, total, message: 'searching' }),
    );
    progress({ done: total, total, message: 'comparing' });
    const figures = await compareArmsBeside(
      {
        queries: queries.map(({ query, searches }) => ({ query, searches })),
        metrics: input.metrics,
        values: asked.map(({ values }) => values),
        seed: input.seed,
      },
      signal,
    );
    const { collection, judgments, metrics, unjudged, gain, relevantFrom, seed } = input;
    const result = {
      collection,
      set: 'set' in judgments ? judgments.set : null,
      metrics,
      unjudged,
      gain,
      relevantFrom,
      seed,
      queries: queries.length,
      judgments: queries.reduce((sum, { grades }) => sum + grades.size, 0),
      arms: input.arms.map((arm, at) => armResult(arm, collection, asked[at], figures[at])),
    };
    return { ...result, warnings: warningsOf(result, asked) };
  }

  /** Up to 50,000 judgments nobody wants to read. */
  shown({ judgments, ...input }: EvaluationInput): object {
    return { ...input, judgments: 'set' in judgments ? judgments : { count: judgments.length } };
  }

  report(result: EvaluationResult, run: RunSummary): string {
    return evaluationReport(result, run);
  }
}

function armResult(
  { name, collection, ...settings }: Arm,
  home: string,
  asked: AskedArm | undefined,
  figures: ArmFigures | undefined,
) {
  if (asked === undefined || figures === undefined) throw new StudioError('internal', 'An arm was not asked.');
  const { releases, unanswered } = asked;
  return { name, collection: collection ?? home, release: releases[0] ?? '', settings, unanswered, ...figures };
}
