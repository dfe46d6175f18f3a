import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, putBooks, type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio({ limits: { bodyTimeoutSeconds: 1, maxBodyBytes: 100_000 } });
  await putBooks(served.client);
});
afterAll(() => served.close());

const tsv = { 'content-type': 'text/tab-separated-values; charset=utf-8' };
const judgments = '/v1/collections/books/judgments';
const post = (body: string | Uint8Array, query = '') => send(served.url, 'POST', `${judgments}${query}`, body, tsv);

describe('judgments, through the API', () => {
  it('are written, listed page by page, told by set and deleted', async () => {
    const given = ['sea', 'wood', 'gone'].map((itemId, grade) => ({ query: 'Quiet  walk', itemId, grade }));
    expect(await served.client.putJudgments('books', { judgments: given })).toEqual({
      ...{ set: 'ratings', written: 3, failed: 0, unknownItems: 1, errors: [] },
    });
    await served.client.putJudgments('books', { set: 'anna', provenance: 'rating:anna', judgments: given.slice(0, 1) });
    const first = await served.client.listJudgments('books', { query: 'quiet walk', limit: 3 });
    const second = await served.client.listJudgments('books', {
      ...{ query: 'quiet walk', limit: 3, cursor: first.nextCursor as string },
    });
    expect([...first.judgments, ...second.judgments].map(({ set, itemId, grade }) => [set, itemId, grade])).toEqual([
      ['anna', 'sea', 0],
      ['ratings', 'gone', 2],
      ['ratings', 'sea', 0],
      ['ratings', 'wood', 1],
    ]);
    expect(first.judgments[0]).toEqual({
      ...{ set: 'anna', query: 'Quiet  walk', itemId: 'sea', grade: 0, weight: 1, deviation: null, support: null },
      ...{ provenance: 'rating:anna', at: expect.stringMatching(/^20.*Z$/) },
    });
    expect(second.nextCursor).toBeNull();
    const { sets } = await served.client.listJudgmentSets('books', { limit: 1 });
    expect(sets).toEqual([
      { set: 'anna', judgments: 1, queries: 1, provenance: ['rating'], updatedAt: expect.any(String) },
    ]);
    expect(await served.client.listJudgmentSets('books', { cursor: 'anna' })).toMatchObject({
      sets: [{ set: 'ratings', judgments: 3, provenance: ['import'] }],
      nextCursor: null,
    });
    expect(await served.client.deleteJudgments('books', { set: 'ratings', query: 'QUIET walk' })).toEqual({
      deleted: 3,
    });
    expect(await served.client.deleteJudgments('books', { set: 'anna' })).toEqual({ deleted: 1 });
    expect(await served.client.listJudgmentSets('books')).toEqual({ sets: [], nextCursor: null });
  });

  it('come as a table of any length, and each line that is none is told', async () => {
    const lines = Array.from({ length: 5000 }, (_, line) => `query ${line % 10}\titem ${line}\t${line % 4}\n`);
    lines[99] = 'half a line\n';
    lines[199] = `${'x'.repeat(120_000)}\ta\t1\n`;
    lines[299] = 'query\titem\t1e9\n';
    const { status, body } = await post(`query\titem\tgrade\n${lines.join('')}`, '?set=table&provenance=import:file');
    expect([status, body]).toEqual([
      200,
      {
        ...{ set: 'table', written: 4997, failed: 3, unknownItems: 4997 },
        errors: [
          { line: 101, code: 'invalid_judgment', message: expect.stringContaining('1 column') },
          { line: 201, code: 'invalid_judgment', message: expect.stringContaining('at most 50000') },
          { line: 301, code: 'invalid_judgment', message: expect.stringContaining('from 0 to 100') },
        ],
      },
    ]);
  });

  it.each([
    ['nothing', '', 0, 0],
    ['a header alone', 'query\titem\tgrade', 0, 0],
    ['half a line', 'query', 0, 1],
    ['qrels', '1 0 doc 1\n2 0 doc 1', 0, 2],
    ['bytes that are no text', Uint8Array.from([0xff, 0xfe, 0x00, 0x0a, 0x61]), 0, 2],
  ])('may be a table of %s', async (_name, table, written, failed) => {
    expect((await post(table, '?set=odd')).body).toMatchObject({ written, failed, unknownItems: 0 });
  });

  it('that fall silent are given up, and what came before is kept', async () => {
    const sending = request(`${served.url}${judgments}?set=silent`, { method: 'POST', headers: tsv });
    sending.write(Array.from({ length: 2001 }, (_, line) => `sea\titem ${line}\t1\n`).join(''));
    const { status } = await answerOf(sending);
    sending.destroy();
    expect(status).toBe(504);
    expect((await served.client.listJudgments('books', { set: 'silent', limit: 1 })).judgments).toHaveLength(1);
  });

  it('are made of clicks by a run that tells how it went', async () => {
    for (let person = 0; person < 12; person++) {
      const user = `person ${person}`;
      const { searchId, hits } = await served.client.search('books', { query: 'Something Quiet', user, limit: 4 });
      const itemId = hits.find((hit) => hit.id === 'wood')?.id as string;
      await served.client.sendEvents({ events: [{ searchId: searchId as string, itemId, type: 'click', user }] });
    }
    const { id: runId } = await served.client.judgeFromClicks('books', { models: ['position-based', 'naive'] });
    const run = await ended(runId);
    expect(run).toMatchObject({
      ...{ kind: 'judgments-from-clicks', collection: 'books', state: 'done' },
      input: { models: ['position-based', 'naive'] },
      result: { set: 'clicks', pages: 12, leftOut: { thin: 0 }, perplexities: [{}, {}] },
    });
    const { judgments: clicked } = await served.client.listJudgments('books', { set: 'clicks' });
    const best = clicked.toSorted((left, right) => right.grade - left.grade)[0];
    expect(best).toMatchObject({
      query: 'Something Quiet',
      itemId: 'wood',
      provenance: expect.stringMatching(/^clicks:/),
    });

    const failed = await ended((await served.client.judgeFromClicks('books', { to: '2020-01-01T00:00:00Z' })).id);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'not_enough_clicks', hint: expect.any(String) } });
    expect((await served.client.listJudgments('books', { set: 'clicks' })).judgments).toEqual(clicked);
  });

  async function ended(runId: string) {
    for (;;) {
      const run = await served.client.getRun(runId);
      if (run.endedAt !== null) return run;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
