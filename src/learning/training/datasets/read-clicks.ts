import type { Db } from '../../../foundation/database/tables.ts';
import type { RunContext } from '../../../foundation/jobs/run.ts';
import type { FeedbackSettings } from '../../feedback/feedback-settings.ts';
import { readLog } from '../../feedback/sessions/read-log.ts';
import { fitClicks } from '../../judgments/from-clicks/fit-clicks.ts';
import { countLog, type LogPart } from '../../judgments/from-clicks/log-counts-queries.ts';
import { type CollectedPages, PageCollector } from '../../judgments/from-clicks/page-collector.ts';
import { clickExamples, type JudgedPair } from './click-examples.ts';
import { ClientCap } from './client-cap.ts';
import type { DatasetRequest } from './dataset-request.ts';
import { dealClicks } from './deal-clicks.ts';
import type { Example, Part } from './example.ts';
import { ShownPairs } from './shown-pairs.ts';

export interface ClickedExamples {
  readonly examples: readonly Example[];
  readonly clickModel: string | null;
  readonly searches: number;
  readonly pages: number;
  readonly clicks: number;
  /** Searches that did not count, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

export interface ClicksOptions {
  readonly db: Db;
  readonly settings: Pick<FeedbackSettings, 'eventTypes'>;
  readonly part: LogPart;
  /** From when on pages are old. */
  readonly now: Date;
  /** Pages of training's own queries from then on, in milliseconds since 1970, are left out. */
  readonly trainedBefore: number;
  readonly partOf: (queryKey: string) => Part;
}

const SAY_EVERY = 500;

/** The log as examples: pages collected, a click model fitted in a thread of its own, pairs told right from wrong. */
export async function readClicks(
  { db, settings, part, now, trainedBefore, partOf }: ClicksOptions,
  request: DatasetRequest,
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
): Promise<ClickedExamples> {
  const { collectionId, control, seed, clickModels, caps } = request;
  const { searches, setAside, irrelevant } = await countLog(db, collectionId, part);
  const collector = new PageCollector({
    eventTypes: settings.eventTypes,
    anonymity: request.anonymity,
    halfLifeDays: request.halfLifeDays,
    now,
  });
  const clients = new ClientCap(caps.perClient);
  const total = searches - setAside - irrelevant;
  let [done, late] = [0, 0];
  for await (const session of readLog(db, collectionId, part)) {
    signal.throwIfAborted();
    for (const search of session) {
      if (done % SAY_EVERY === 0) progress({ done, total, message: 'reading the log' });
      done++;
      if (!clients.admits(search.client)) continue;
      if (search.at.getTime() >= trainedBefore && partOf(search.queryKey ?? '') === 'train') late++;
      else collector.add(search);
    }
  }
  const collected = collector.finish();
  const pages = control ? { ...collected, pages: dealClicks(collected.pages, seed) } : collected;
  const counts = {
    searches,
    pages: collected.pages.query.length,
    clicks: collected.clicks,
    leftOut: { setAside, irrelevant, ...collected.leftOut, overClientCap: clients.dropped, late },
  };
  if (collected.clicks === 0) return { ...counts, examples: [], clickModel: null };
  const fit = await fittedPairs(pages, clickModels, signal, progress);
  return { ...counts, examples: clickExamples(fit.queries, fit.pairs, caps), clickModel: fit.model };
}

async function fittedPairs(
  { pages, texts }: CollectedPages,
  models: DatasetRequest['clickModels'],
  signal: AbortSignal,
  progress: RunContext['progress'],
) {
  // Before the fit, which takes the pages' numbers away.
  const shown = new ShownPairs(pages);
  const { queries, items } = pages;
  const fitted = await fitClicks({ pages, models, minimumSupport: 0 }, signal, (step) =>
    progress({ done: step.done, total: step.total, message: `fitting ${step.fitting}` }),
  );
  const pairs = Array.from(fitted.grade, (attraction, index): JudgedPair => {
    const [query, item] = [fitted.query[index] as number, fitted.item[index] as number];
    return { query, itemId: items[item] as string, attraction, ...shown.of(query, item) };
  });
  return {
    model: fitted.model,
    pairs,
    queries: queries.map((queryKey, index) => ({ queryKey, query: texts[index] ?? queryKey })),
  };
}
