import { parentPort, workerData } from 'node:worker_threads';
import { chooseClickModel, clickModels } from '../click-models/choose-click-model.ts';
import type { ClickModel } from '../click-models/click-model.ts';
import { judgmentsOf } from '../judgments-of.ts';
import type { FitMessage, FitRequest, FittedClicks } from './fit-clicks.ts';
import { sessionsOf } from './flat-pages.ts';

/** Fits click models in a thread of its own: for minutes, where a log is large. */
const port = parentPort;
if (port === null) throw new Error('fit-clicks-worker runs as a worker thread');

const say = (message: FitMessage, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

const { pages, minimumSupport, ...request } = workerData as FitRequest;
const models: readonly string[] = request.models;
const wanted = clickModels().filter(({ name }) => models.includes(name));
let begun = 0;
/** Tells when a fit begins: one for each model on a part of the sessions, and one of the best on all. */
const watched = wanted.map(
  (model): ClickModel => ({
    name: model.name,
    fit(sessions) {
      say({ fitting: model.name, done: begun++, total: wanted.length + 1 });
      return model.fit(sessions);
    },
  }),
);
const { fitted, ranking } = chooseClickModel(sessionsOf(pages), { models: watched });
const judgments = judgmentsOf(fitted, { minimumSupport });
const numbers = (texts: readonly string[]): Map<string, number> => new Map(texts.map((text, index) => [text, index]));
const [queries, items] = [numbers(pages.queries), numbers(pages.items)];
const result: FittedClicks = {
  ...{ model: fitted.name, ranking, pairs: [...fitted.pairs()].length },
  query: Int32Array.from(judgments, ({ queryKey }) => queries.get(queryKey) as number),
  item: Int32Array.from(judgments, ({ itemId }) => items.get(itemId) as number),
  grade: Float64Array.from(judgments, ({ grade }) => grade),
  deviation: Float64Array.from(judgments, ({ deviation }) => deviation),
  support: Float64Array.from(judgments, ({ support }) => support),
};
const { query, item, grade, deviation, support } = result;
say(
  { fitted: result },
  [query, item, grade, deviation, support].map(({ buffer }) => buffer),
);
