import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationRequest } from '../../../../src/learning/evaluation/offline/evaluation-input.ts';
import type { EvaluationResult } from '../../../../src/learning/evaluation/offline/evaluation-result.ts';
import type { Studio } from '../../../../src/studio.ts';
import { DATABASES, studioOpener } from '../../../support/open-temporary-studio.ts';
import { FIELDS, ITEMS, JUDGMENTS } from './things.ts';

describe.each(DATABASES)('an evaluation by the real search (%s)', (database) => {
  const open = studioOpener(database);
  let studio: Studio;
  beforeAll(async () => {
    studio = await open();
    const { collections, items } = studio.services;
    await collections.put('things', { fields: FIELDS });
    const { sequence } = await items.upsert('things', ITEMS);
    await items.waitIndexed('things', sequence, 60);
  });

  const start = (request: EvaluationRequest) => studio.services.evaluations.start('things', request);
  const ended = async (id: string) => {
    for await (const _ of studio.services.runs.watch(id));
    return await studio.services.runs.get(id);
  };
  const evaluated = async (request: EvaluationRequest): Promise<EvaluationResult> => {
    const run = await ended((await start(request)).id);
    expect([run.state, run.error]).toEqual(['done', null]);
    return run.result as unknown as EvaluationResult;
  };
  const putSet = async (set: string, judgments: typeof JUDGMENTS): Promise<void> => {
    const { id } = await studio.services.collections.get('things');
    await studio.services.judgments.put(id, { set, provenance: 'rating:anna' }, judgments);
  };

  const ARMS = [{ name: 'now' }, { name: 'a filter', filter: { term: { color: 'red' } } }, { name: 'the same' }];

  it('finds the arm that is worse and leaves the one that is the same', async () => {
    await putSet('rated', JUDGMENTS);
    const result = await evaluated({ judgments: { set: 'rated' }, arms: ARMS, metrics: ['ndcg@10', 'recall@5'] });
    expect(result).toMatchObject({ set: 'rated', queries: 60, judgments: 360, metrics: ['ndcg@10', 'recall@5'] });
    const [now, filtered, same] = result.arms;
    expect(now?.metrics['ndcg@10']).toMatchObject({ mean: expect.closeTo(1, 1), difference: null });
    expect(now?.movement).toBeNull();
    const difference = filtered?.metrics['ndcg@10']?.difference;
    expect(difference?.high).toBeLessThan(0);
    expect(difference?.adjusted).toBeLessThan(0.001);
    expect(filtered?.movement).toMatchObject({ better: 0, mostBetter: [] });
    expect(filtered?.movement?.mostWorse[0]?.query).not.toContain('red');
    expect(filtered?.movement?.slices).toMatchObject([{ name: '2 words', queries: 60, harmed: true }]);
    expect(same?.metrics['ndcg@10']?.difference).toMatchObject({ mean: 0, low: 0, high: 0, pValue: 1, adjusted: 1 });
    expect(same?.movement).toMatchObject({ better: 0, worse: 0, same: 60 });
    expect(same?.release).toBe(now?.release);
  });

  it('gives the same figures again from judgments sent along', async () => {
    await putSet('again', JUDGMENTS);
    const arms = [{ name: 'now' }, { name: 'words', mode: 'lexical' as const }];
    const fromSet = await evaluated({ judgments: { set: 'again' }, arms });
    const inline = await evaluated({ judgments: JUDGMENTS.toReversed(), arms });
    expect(inline.set).toBeNull();
    expect(inline.queries).toBe(fromSet.queries);
    expect(inline.arms.map(({ metrics }) => metrics['ndcg@10']?.mean)).toEqual(
      fromSet.arms.map(({ metrics }) => expect.closeTo(metrics['ndcg@10']?.mean ?? -1, 9)),
    );
  });

  it('leaves no record of its searches', async () => {
    const count = () => studio.database.db.selectFrom('searches').select('id').execute();
    const before = (await count()).length;
    await evaluated({ judgments: JUDGMENTS.slice(0, 12), arms: [{ name: 'now' }] });
    expect((await count()).length).toBe(before);
  });

  it('parts the queries into head and tail where it knows what is asked', async () => {
    for (let time = 0; time < 30; time++)
      await studio.services.search.search('things', { query: [{ text: time < 20 ? 'RED  table' : 'blue lamp' }] });
    for (const { id } of ITEMS) await studio.services.search.search('things', { query: [{ text: id }] });
    await expect
      .poll(async () => (await studio.database.db.selectFrom('searches').select('id').execute()).length)
      .toBeGreaterThanOrEqual(90);
    const { arms } = await evaluated({ judgments: JUDGMENTS, arms: ARMS.slice(0, 2) });
    // The head is 15 queries: too few for a slice of its own.
    expect(arms[1]?.movement?.slices.map(({ name, queries }) => [name, queries])).toEqual([
      ['2 words', 60],
      ['tail', 45],
    ]);
  });

  it('compares collections, and says what is not judged', async () => {
    const { collections, items } = studio.services;
    await collections.put('others', { fields: FIELDS });
    const { sequence } = await items.upsert('others', [{ id: 'unknown', name: 'red table', color: 'red' }]);
    await items.waitIndexed('others', sequence, 60);
    const request: EvaluationRequest = {
      judgments: JUDGMENTS,
      arms: [{ name: 'now' }, { name: 'others', collection: 'others' }],
    };
    const { arms, warnings } = await evaluated({ ...request, unjudged: 'skipped' });
    expect(arms[1]).toMatchObject({ collection: 'others', judged: 0, metrics: { 'ndcg@10': { mean: 0 } } });
    expect(warnings.join()).toContain('0 % of "others"');
  });

  it('skips what nobody has judged only when it is told to', async () => {
    const judgments = [{ query: 'red table', itemId: 'blue table', grade: 1 }];
    const of = async (unjudged: 'zero' | 'skipped') =>
      (await evaluated({ judgments, arms: [{ name: 'now' }], metrics: ['mrr'], unjudged })).arms[0]?.metrics.mrr?.mean;
    expect(await of('zero')).toBeLessThan(1);
    expect(await of('skipped')).toBe(1);
  });

  it('counts a query that cannot be asked as unanswered', async () => {
    const judgments = [...JUDGMENTS.slice(0, 6), { query: 'x'.repeat(4001), itemId: 'red table', grade: 1 }];
    const { arms, warnings } = await evaluated({ judgments, arms: [{ name: 'now' }] });
    expect(arms[0]?.unanswered).toBe(1);
    expect(warnings.join()).toContain('had no hit for 1 of 2 queries');
  });

  it('stops when it is cancelled', async () => {
    const judgments = Array.from({ length: 20_000 }, (_, at) => ({
      query: `thing ${at}`,
      itemId: 'red table',
      grade: 1,
    }));
    const { id } = await start({ judgments, arms: ARMS });
    for await (const { progress } of studio.services.runs.watch(id)) if ((progress?.done ?? 0) > 0) break;
    await studio.services.runs.cancel(id);
    expect(await ended(id)).toMatchObject({ state: 'cancelled', result: null });
    expect(studio.services.runs.shownInput(await studio.services.runs.get(id))).toMatchObject({
      judgments: { count: 20_000 },
    });
  });

  const now = [{ name: 'now' }];
  const wrong: ReadonlyArray<readonly [string, EvaluationRequest, string, string]> = [
    ['an unknown set', { judgments: { set: 'nope' }, arms: now }, 'judgment_set_not_found', '"nope"'],
    ['an unknown metric', { judgments: JUDGMENTS, arms: now, metrics: ['ndgc@10'] }, 'invalid_request', '"ndgc@10"'],
    ['a metric too deep', { judgments: JUDGMENTS, arms: now, metrics: ['recall@500'] }, 'invalid_request', '200 hits'],
    ['two arms of one name', { judgments: JUDGMENTS, arms: [...now, ...now] }, 'invalid_request', 'Two arms'],
    [
      'an unknown collection',
      { judgments: JUDGMENTS, arms: [{ name: 'b', collection: 'nope' }] },
      'collection_not_found',
      '"nope"',
    ],
    [
      'a filter on an unknown field',
      { judgments: JUDGMENTS, arms: [...now, { name: 'b', filter: { term: { size: 1 } } }] },
      'field_not_found',
      'The arm "b" cannot search',
    ],
    [
      'a pair twice',
      { judgments: [...JUDGMENTS, { query: 'RED table', itemId: 'red table', grade: 0 }], arms: now },
      'invalid_judgment',
      '"judgments.360" judges the same query',
    ],
    [
      'a blank query',
      { judgments: [{ query: ' ', itemId: 'a', grade: 1 }], arms: now },
      'invalid_judgment',
      '"judgments.0": The query is blank',
    ],
  ];
  it.each(wrong)('refuses %s at once', async (_, request, code, sentence) => {
    await expect(start(request)).rejects.toMatchObject({ code, message: expect.stringContaining(sentence) });
  });
});
