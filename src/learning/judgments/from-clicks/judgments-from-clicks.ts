import type { Clock } from '../../../foundation/core/clock.ts';
import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { RunContext, RunKind } from '../../../foundation/jobs/run.ts';
import type { FeedbackSettings } from '../../feedback/feedback-settings.ts';
import { readLog } from '../../feedback/sessions/read-log.ts';
import { CLICK_MODELS, type ClickModelName } from '../click-models/click-model-names.ts';
import type { JudgmentRow } from '../judgments-queries.ts';
import { replaceSet } from '../write-judgments.ts';
import { type FittedClicks, fitClicks } from './fit-clicks.ts';
import { countLog, hasBatch, type LogCounts } from './log-counts-queries.ts';
import { type CollectedPages, PageCollector } from './page-collector.ts';

export const JUDGMENTS_FROM_CLICKS = 'judgments-from-clicks';

export interface FromClicksInput {
  readonly collectionId: number;
  /** Replaced by what comes out; `clicks` when left out. */
  readonly set?: string | undefined;
  /** To choose from, by held-out perplexity; all when left out. */
  readonly models?: readonly ClickModelName[] | undefined;
  /** Pairs with fewer looks, each client counted once for a query, are left out; 3 when left out. */
  readonly minimumSupport?: number | undefined;
  /** A page counts half as much for each of them; 90 when left out. */
  readonly halfLifeDays?: number | undefined;
  /** Part of the log: moments, ISO 8601, or a batch. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly batchId?: string | undefined;
  /** Queries that fewer clients have asked are left out, for the set shows their texts; the collection's own when left out. */
  readonly anonymity?: number | undefined;
}

export interface FromClicksResult {
  readonly set: string;
  /** The model that best predicted clicks it had not seen. */
  readonly model: string;
  readonly perplexities: ReadonlyArray<{ readonly model: string; readonly perplexity: number }>;
  /** Pages that were fitted. */
  readonly pages: number;
  /** Pairs of query and item that they showed. */
  readonly pairs: number;
  /** Judgments of the set: pairs with enough support. */
  readonly written: number;
  /** Searches that did not count, by reason. */
  readonly leftOut: Omit<LogCounts, 'searches'> & CollectedPages['leftOut'];
}

export interface FromClicksOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly settingsOf: (collectionId: number) => Promise<Pick<FeedbackSettings, 'anonymity' | 'eventTypes'>>;
  /** Makes everything that was recorded before the call part of the log. */
  readonly refreshLog: (collectionId: number) => Promise<unknown>;
}

const DEFAULTS = { set: 'clicks', minimumSupport: 3, halfLifeDays: 90 };
/** Searches between two words about progress. */
const SAY_EVERY = 500;

/** The run that makes a set of judgments of the clicks in the log. Until it has succeeded the old set stays as it is. */
export const judgmentsFromClicks = (options: FromClicksOptions): RunKind<FromClicksInput, FromClicksResult> => ({
  kind: JUDGMENTS_FROM_CLICKS,
  work: (input, context) => work(options, input, context),
  shown: ({ collectionId: _, ...input }) => input,
});

async function work(
  { db, clock, settingsOf, refreshLog }: FromClicksOptions,
  input: FromClicksInput,
  { signal, progress }: RunContext,
): Promise<FromClicksResult> {
  const { collectionId, batchId, set = DEFAULTS.set, minimumSupport = DEFAULTS.minimumSupport } = input;
  const { anonymity, eventTypes } = await settingsOf(collectionId);
  const part = { from: momentOf(input.from), to: momentOf(input.to), batchId };
  if (batchId !== undefined && !(await hasBatch(db, collectionId, batchId)))
    throw new StudioError('batch_not_found', `The collection has no batch ${batchId}.`);
  await refreshLog(collectionId);
  const { searches, ...uncounted } = await countLog(db, collectionId, part);
  const collector = new PageCollector({
    eventTypes,
    anonymity: input.anonymity ?? anonymity,
    halfLifeDays: input.halfLifeDays ?? DEFAULTS.halfLifeDays,
    now: part.to ?? clock.now(),
  });
  const total = searches - uncounted.setAside - uncounted.irrelevant;
  let done = 0;
  for await (const session of readLog(db, collectionId, part)) {
    signal.throwIfAborted();
    for (const search of session) {
      collector.add(search);
      if (done % SAY_EVERY === 0) progress({ done, total, message: 'reading the log' });
      done++;
    }
  }
  const collected = collector.finish();
  const leftOut = { ...uncounted, ...collected.leftOut };
  const pages = collected.pages.query.length;
  if (collected.clicks === 0) throw tooFew(searches, pages, leftOut);
  const fit = { pages: collected.pages, models: input.models ?? CLICK_MODELS, minimumSupport };
  const fitted = await fitClicks(fit, signal, (step) => progress({ ...step, message: `fitting ${step.fitting}` }));
  const written = fitted.grade.length;
  if (written === 0)
    throw new StudioError(
      'not_enough_clicks',
      `None of ${fitted.pairs} pairs has the support of ${minimumSupport} looks.`,
      {
        hint: 'Wait for more searches, or ask for less with "minimumSupport". The set has not been changed.',
      },
    );
  signal.throwIfAborted();
  progress({ done: 0, total: written, message: 'writing judgments' });
  const target = { set, provenance: `clicks:${fitted.model}`, at: clock.now() };
  await replaceSet(db, collectionId, target, rowsOf(collected, fitted));
  const perplexities = fitted.ranking.map(({ name, perplexity }) => ({ model: name, perplexity }));
  return { set, model: fitted.model, perplexities, pages, pairs: fitted.pairs, written, leftOut };
}

const momentOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

function tooFew(searches: number, pages: number, leftOut: FromClicksResult['leftOut']): StudioError {
  const reasons = Object.entries(leftOut).filter(([, count]) => count > 0);
  const counts = reasons.map(([reason, count]) => `${count} ${WORDS[reason as keyof typeof WORDS]}`);
  const told = counts.length === 0 ? '' : ` Left out: ${counts.join(', ')}.`;
  const found =
    pages === 0 ? `none of ${searches} searches counts` : `${pages} pages count and nothing on them was clicked`;
  return new StudioError('not_enough_clicks', `There is nothing to learn from: ${found}.${told}`, {
    hint: 'Widen the part of the log, or lower "anonymity". The set has not been changed.',
    details: { searches, pages, leftOut },
  });
}

const WORDS = {
  setAside: 'in sessions that were set aside',
  irrelevant: 'in sessions called irrelevant',
  superseded: 'while somebody was still typing',
  thin: 'of queries that too few clients asked',
  old: 'too old, or beyond the newest of their query',
  blank: 'without a text or without hits',
} as const;

function rowsOf({ pages, texts }: CollectedPages, fitted: FittedClicks): JudgmentRow[] {
  return Array.from(fitted.grade, (grade, index) => {
    const query = fitted.query[index] as number;
    return {
      queryKey: pages.queries[query] as string,
      query: texts[query] as string,
      itemId: pages.items[fitted.item[index] as number] as string,
      ...{ grade, weight: 1, deviation: fitted.deviation[index] as number, support: fitted.support[index] as number },
    };
  });
}
