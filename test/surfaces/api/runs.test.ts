import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
});
afterAll(() => served.close());

const judgments = [
  { query: 'ship', itemId: 'sea', grade: 2 },
  { query: 'forest', itemId: 'wood', grade: 2 },
  { query: 'forest', itemId: 'star', grade: 0 },
];
/** Takes long enough to be watched and cancelled. */
const many = Array.from({ length: 20_000 }, (_, at) => ({ query: `book ${at}`, itemId: 'sea', grade: 1 }));
const arms = [{ name: 'now' }, { name: 'words', mode: 'lexical' as const }];

interface Told {
  readonly event: string;
  readonly data: { readonly state: string; readonly progress: { readonly done: number } | null };
}

/** The events of a run as they come. */
async function* eventsOf(id: string, signal?: AbortSignal): AsyncGenerator<Told> {
  const answer = await fetch(`${served.url}/v1/runs/${id}/stream`, signal === undefined ? {} : { signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, event = '', data = '{}'] = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      yield { event, data: JSON.parse(data) };
    }
  }
}

const last = async <T>(events: AsyncIterable<T>): Promise<T | undefined> => {
  let newest: T | undefined;
  for await (const event of events) newest = event;
  return newest;
};

describe('an evaluation over the API', () => {
  it('answers at once with a run, tells how far it is, and has a result and a report', async () => {
    const run = await served.client.startEvaluation('books', { judgments, arms });
    expect(run).toMatchObject({ kind: 'evaluation', collection: 'books', input: { judgments: { count: 3 } } });
    expect(await last(eventsOf(run.id))).toMatchObject({ event: 'run', data: { state: 'done' } });
    const done = await served.client.getRun(run.id);
    expect(done.result).toMatchObject({ queries: 2, judgments: 3, arms: [{ name: 'now' }, { name: 'words' }] });
    const report = await fetch(`${served.url}/v1/runs/${run.id}/report`);
    expect(report.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await report.text()).toContain('Evaluation of books');
    expect(await served.client.getRunReport(run.id)).toContain('words against now');
    // Watching what has ended tells it once.
    const told: Told[] = [];
    for await (const event of eventsOf(run.id)) told.push(event);
    expect(told).toMatchObject([{ data: { state: 'done' } }]);
  });

  it('is listed, by collection, kind and state, without what went in and came out', async () => {
    const { runs } = await served.client.listRuns({ collection: 'books', kind: 'evaluation', state: 'done' });
    expect(runs.length).toBeGreaterThan(0);
    expect(Object.keys(runs[0] ?? {})).not.toContain('result');
    expect((await served.client.listRuns({ state: 'failed' })).runs).toEqual([]);
  });

  it('is cancelled in the middle, and has no report then', async () => {
    const { id } = await served.client.startEvaluation('books', { judgments: many, arms });
    for await (const { data } of eventsOf(id)) if ((data.progress?.done ?? 0) > 0) break;
    expect(await served.client.cancelRun(id)).toMatchObject({ cancelRequested: true });
    expect(await last(eventsOf(id))).toMatchObject({ data: { state: 'cancelled' } });
    await expect(served.client.getRunReport(id)).rejects.toMatchObject({ status: 409, code: 'no_report' });
  });

  it('goes on when whoever watched hangs up, and a server that stops ends the streams', async () => {
    const { id } = await served.client.startEvaluation('books', { judgments: many, arms });
    const hangUp = new AbortController();
    await expect(async () => {
      for await (const _ of eventsOf(id, hangUp.signal)) hangUp.abort();
    }).rejects.toThrow('abort');
    expect((await served.client.getRun(id)).endedAt).toBeNull();
    const other = await serveStudio();
    await putBooks(other.client);
    const { id: running } = await other.client.startEvaluation('books', { judgments: many, arms });
    const answer = await fetch(`${other.url}/v1/runs/${running}/stream`);
    const text = answer.text();
    await other.close();
    expect(await text).toContain('event: run');
    await served.client.cancelRun(id);
  });

  it('ends with its collection, and the stream says so', async () => {
    await putBooks(served.client, 'short-lived');
    const { id } = await served.client.startEvaluation('short-lived', { judgments: many, arms });
    const told: Told[] = [];
    for await (const event of eventsOf(id)) {
      told.push(event);
      if (told.length === 1) await served.client.deleteCollection('short-lived');
    }
    expect(told.at(-1)).toMatchObject({ event: 'error', data: { code: 'run_not_found' } });
    await expect(served.client.getRun(id)).rejects.toMatchObject({ status: 404, code: 'run_not_found' });
  });
});
