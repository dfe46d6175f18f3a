import { StudioError } from '../../../foundation/core/errors.ts';
import type { Db } from '../../../foundation/database/tables.ts';
import type { RunContext } from '../../../foundation/jobs/run.ts';
import { collectionById } from '../../../serving/collections/collections-queries.ts';
import type { FeedbackSettings } from '../../feedback/feedback-settings.ts';
import { hasBatch } from '../../judgments/from-clicks/log-counts-queries.ts';
import type { StoredJudgment } from '../../judgments/judgment.ts';
import { mergedJudgments } from '../../judgments/merged-judgments.ts';
import { readFirstAsked, readSpan } from './dataset-queries.ts';
import type { DatasetRequest } from './dataset-request.ts';
import { type Example, PARTS, type Part } from './example.ts';
import { textsOfCatalogue, textsOfItems } from './item-texts.ts';
import { type MiningOptions, mineNegatives } from './mine-negatives.ts';
import { mergeExamples, ratedExamples } from './rated-examples.ts';
import { type ClickedExamples, readClicks } from './read-clicks.ts';
import type { Snapshot, SnapshotExample } from './snapshot.ts';
import { partByKey, partsByTime } from './split-queries.ts';

export interface DatasetOptions {
  readonly db: Db;
  readonly settingsOf: (collectionId: number) => Promise<Pick<FeedbackSettings, 'eventTypes'>>;
  /** Makes everything that was recorded before the call part of the log. */
  readonly refreshLog: (collectionId: number) => Promise<unknown>;
  readonly search: MiningOptions['search'];
}

/** Fewer examples to train from are refused: they would teach nothing but themselves. */
const LEAST_EXAMPLES = 10;
const MOST_JUDGMENTS = 500_000;

/**
 * What can be learned from a part of the log and from judgments: examples, split by query so that none stands on both sides.
 * The same log gives the same dataset, whenever it is asked.
 *
 * @throws StudioError `batch_not_found`, `not_enough_clicks`, `payload_too_large`, and the signal's reason
 */
export async function buildDataset(
  options: DatasetOptions,
  request: DatasetRequest,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<Snapshot> {
  const { db } = options;
  const { collectionId, batchId, from, to, sets, seed, split } = request;
  const collection = await collectionById(db, collectionId);
  if (batchId !== null && !(await hasBatch(db, collectionId, batchId)))
    throw new StudioError('batch_not_found', `The collection has no batch ${batchId}.`);
  await options.refreshLog(collectionId);
  const part = { from: momentOf(from), to: momentOf(to), batchId: batchId ?? undefined };
  const span = await readSpan(db, collectionId, part);
  const byTime = split.by === 'time' ? partsByTime(await readFirstAsked(db, collectionId, part), split) : null;
  const partOf = (queryKey: string): Part => byTime?.parts.get(queryKey) ?? partByKey(queryKey, seed, split);
  const clicks = await readClicks(
    {
      db,
      settings: await options.settingsOf(collectionId),
      part,
      now: part.to ?? span.newest ?? new Date(0),
      trainedBefore: byTime?.trainedBefore ?? Number.POSITIVE_INFINITY,
      partOf,
    },
    request,
    context,
  );
  const rated = ratedExamples(await readJudged(db, request, context.signal), request.caps);
  const merged = mergeExamples(rated, clicks.examples);
  const trained = merged.filter(({ queryKey }) => partOf(queryKey) === 'train');
  if (trained.length < LEAST_EXAMPLES) throw tooFew(trained.length, clicks, sets);
  const mined = await mine(options, collection.name, request, merged, trained, context);
  const named = mined.flatMap(({ itemId, negatives }) => [itemId, ...negatives]);
  const shown = await textsOfItems(db, collection, named);
  const catalogue = await textsOfCatalogue(db, collection, request.catalogue, context.signal);
  const examples = mined.flatMap((example): SnapshotExample[] => {
    const negatives = example.negatives.filter((itemId) => shown.has(itemId));
    return shown.has(example.itemId) ? [{ ...example, negatives, part: partOf(example.queryKey) }] : [];
  });
  examples.sort((left, right) => compare(left.queryKey, right.queryKey) || compare(left.itemId, right.itemId));
  const items = new Map([...shown, ...catalogue].sort(([left], [right]) => compare(left, right)));
  const { searches, pages, clickModel, leftOut } = clicks;
  return {
    origin: {
      ...{ collection: collection.name, from, to, sets, seed, control: request.control, clickModel, split },
      batchIds: batchId === null ? span.batchIds : [batchId],
      counts: {
        ...{ searches, pages, clicks: clicks.clicks, rated: rated.length, items: items.size, leftOut },
        examples: countBy(examples, () => 1),
        queries: countBy(examples, ({ queryKey }) => queryKey),
      },
    },
    items,
    examples,
  };
}

const momentOf = (text: string | null): Date | undefined => (text === null ? undefined : new Date(text));
const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

/** Per part: all of them, or how many different ones. */
function countBy(examples: readonly SnapshotExample[], key: (example: SnapshotExample) => string | 1) {
  const counts = PARTS.map((part) => {
    const keys = examples.filter((example) => example.part === part).map(key);
    return [part, keys[0] === 1 ? keys.length : new Set(keys).size];
  });
  return Object.fromEntries(counts) as Record<Part, number>;
}

async function readJudged(
  db: Db,
  { collectionId, sets }: DatasetRequest,
  signal: AbortSignal,
): Promise<StoredJudgment[]> {
  const judged: StoredJudgment[] = [];
  if (sets.length === 0) return judged;
  for await (const page of mergedJudgments(db, collectionId, sets)) {
    signal.throwIfAborted();
    judged.push(...page);
    if (judged.length > MOST_JUDGMENTS) {
      throw new StudioError('payload_too_large', `The sets hold more than ${MOST_JUDGMENTS} judgments.`, {
        hint: 'Name fewer or smaller sets.',
      });
    }
  }
  return judged;
}

async function mine(
  { search }: DatasetOptions,
  collection: string,
  { hardNegatives }: DatasetRequest,
  all: readonly Example[],
  trained: readonly Example[],
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
): Promise<readonly Example[]> {
  if (hardNegatives.perQuery === 0) return all;
  const onProgress = (done: number, total: number): void =>
    progress({ done, total, message: 'looking for hard negatives' });
  const mined = await mineNegatives(trained, { ...hardNegatives, collection, search, signal, onProgress });
  const inTraining = new Set(trained);
  return [...mined, ...all.filter((example) => !inTraining.has(example))];
}

function tooFew(examples: number, clicks: ClickedExamples, sets: readonly string[]): StudioError {
  const { searches, pages, leftOut } = clicks;
  const reasons = Object.entries(leftOut).filter(([, count]) => count > 0);
  const told =
    reasons.length === 0 ? '' : ` Searches left out: ${reasons.map(([why, count]) => `${why} ${count}`).join(', ')}.`;
  const rated = sets.length === 0 ? '' : ` and of the judgments in ${sets.join(', ')}`;
  return new StudioError(
    'not_enough_clicks',
    `${examples} ${examples === 1 ? 'example' : 'examples'} to train from came out of ${searches} searches, ${clicks.clicks} clicks${rated}; at least ${LEAST_EXAMPLES} are needed.${told}`,
    {
      hint: 'Collect more clicks (some thousands teach well), widen the part of the log, or name sets of judgments with "sets".',
      details: { examples, searches, pages, clicks: clicks.clicks, leftOut },
    },
  );
}
