import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import type { Clock } from '../../../src/foundation/core/clock.ts';
import { StudioError } from '../../../src/foundation/core/errors.ts';
import type { Database } from '../../../src/foundation/database/open-database.ts';
import type { RunContext, RunKind } from '../../../src/foundation/jobs/run.ts';
import { Runs, type RunsOptions } from '../../../src/foundation/jobs/runs.ts';
import { describeOnEveryDatabase } from '../../support/databases.ts';

const opened: Runs[] = [];
afterEach(async () => {
  for (const runs of opened.splice(0)) await runs.close();
});

interface Process {
  readonly runs: Runs;
  readonly errors: unknown[];
}

/** What one process would have. */
function processOn(
  { db, engine }: Database,
  work: RunKind['work'],
  options: Partial<RunsOptions> = {},
  kind: Partial<RunKind> = {},
): Process {
  const errors: unknown[] = [];
  const runs = new Runs({
    db,
    engine,
    kinds: [{ kind: 'count', work, ...kind }],
    onError: (error) => errors.push(error),
    ...options,
  });
  opened.push(runs);
  return { runs, errors };
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });

/** Begins work that a test can look into, and goes on when it is told to. */
function gate() {
  const started: RunContext[] = [];
  const open = Promise.withResolvers<object>();
  const work = async (_: object, context: RunContext): Promise<object> => {
    started.push(context);
    return await Promise.race([open.promise, untilAborted(context.signal)]);
  };
  return { started, work, finish: (result: object = {}) => open.resolve(result) };
}

class SetClock implements Clock {
  #now = new Date('2026-05-01T12:00:00Z');
  now = (): Date => this.#now;
  pass(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1000);
  }
}

describeOnEveryDatabase('runs', (open) => {
  it('are worked on as soon as they are started, one after the other, and keep what came out', async () => {
    const database = await open();
    let atOnce = 0;
    let most = 0;
    const { runs } = processOn(database, async (input) => {
      most = Math.max(most, ++atOnce);
      await sleep(10);
      atOnce--;
      return { twice: 2 * (input as { number: number }).number };
    });
    runs.open();
    const ids = [];
    for (const number of [1, 2, 3]) ids.push((await runs.start('count', null, { number })).id);
    const ended = [];
    for (const id of ids) ended.push(await runs.wait(id));
    expect(ended.map(({ state, result, attempts }) => [state, result, attempts])).toEqual([
      ['done', { twice: 2 }, 1],
      ['done', { twice: 4 }, 1],
      ['done', { twice: 6 }, 1],
    ]);
    expect(most).toBe(1);
    expect(ended[0]?.endedAt).toBeInstanceOf(Date);
  });

  it('wait until a process opens that can do them', async () => {
    const database = await open();
    const { runs } = processOn(database, async () => ({}));
    const { id } = await runs.start('count', null, {});
    const other = processOn(database, async () => ({}), {}, { kind: 'other' });
    other.runs.open();
    await sleep(100);
    expect((await runs.get(id)).state).toBe('queued');
    runs.open();
    expect((await runs.wait(id)).state).toBe('done');
  });

  it('tell how far they are while they run', async () => {
    const database = await open();
    const { started, work, finish } = gate();
    const { runs } = processOn(database, work);
    runs.open();
    const { id } = await runs.start('count', null, {});
    const seen: unknown[] = [];
    for await (const run of runs.watch(id)) {
      seen.push([run.state, run.progress?.done ?? null]);
      if (run.state === 'running' && run.progress === null)
        for (let done = 1; done <= 100; done++) started[0]?.progress({ done, total: 200 });
      if (run.progress?.done === 100) {
        started[0]?.progress({ done: 200, total: 200 });
        finish();
      }
    }
    expect(seen).toContainEqual(['running', 100]);
    expect(seen.at(-1)).toEqual(['done', 200]);
  });

  it('tell what a known failure was, and of others nothing', async () => {
    const database = await open();
    const failures = [new StudioError('no_index', 'No index.', { hint: 'Make one.' }), new Error('password=secret')];
    const { runs, errors } = processOn(database, async () => {
      throw failures.shift();
    });
    runs.open();
    const known = await runs.wait((await runs.start('count', null, {})).id);
    const unknown = await runs.wait((await runs.start('count', null, {})).id);
    expect([known.state, known.error]).toEqual([
      'failed',
      { code: 'no_index', message: 'No index.', hint: 'Make one.' },
    ]);
    expect([unknown.state, unknown.error?.code]).toEqual(['failed', 'internal']);
    expect(JSON.stringify(unknown)).not.toContain('secret');
    expect(errors).toMatchObject([{ cause: { message: 'password=secret' } }]);
  });

  it('are cancelled from another process, and stop', async () => {
    const database = await open();
    const { started, work } = gate();
    const one = processOn(database, work);
    const other = processOn(database, async () => ({}));
    one.runs.open();
    const { id } = await other.runs.start('count', null, {});
    await expect.poll(() => started.length).toBe(1);
    expect(await other.runs.cancel(id)).toMatchObject({ state: 'running', cancelRequested: true });
    expect(await one.runs.wait(id)).toMatchObject({ state: 'cancelled', result: null, error: null });
    expect(started[0]?.signal.aborted).toBe(true);
    // Once more changes nothing.
    expect((await other.runs.cancel(id)).state).toBe('cancelled');
  });

  it('are cancelled even when nobody hears of it', async () => {
    const database = await open();
    const { started, work } = gate();
    const { runs } = processOn(database, work);
    runs.open();
    const { id } = await runs.start('count', null, {});
    await expect.poll(() => started.length).toBe(1);
    await sql`update runs set cancel_requested = true where id = ${id}::uuid`.execute(database.db);
    expect((await runs.wait(id)).state).toBe('cancelled');
  });

  it('that wait are cancelled at once', async () => {
    const { runs } = processOn(await open(), async () => ({}));
    const { id } = await runs.start('count', null, {});
    expect(await runs.cancel(id)).toMatchObject({ state: 'cancelled', attempts: 0 });
    runs.open();
    await sleep(50);
    expect((await runs.get(id)).attempts).toBe(0);
  });

  it('are put back when the process closes, at no cost of an attempt', async () => {
    const database = await open();
    const { started, work } = gate();
    const one = processOn(database, work);
    one.runs.open();
    const { id } = await one.runs.start('count', null, {});
    await expect.poll(() => started.length).toBe(1);
    await one.runs.close();
    expect(await one.runs.get(id)).toMatchObject({ state: 'queued', attempts: 0, error: null });
    const next = processOn(database, async () => ({ from: 'the next' }));
    next.runs.open();
    expect(await next.runs.wait(id)).toMatchObject({ state: 'done', attempts: 1, result: { from: 'the next' } });
  });

  it('are put back although the work does not listen, and what it says later is not written', async () => {
    const database = await open();
    const late = Promise.withResolvers<object>();
    const one = processOn(database, () => late.promise, { closeSeconds: 0.05 });
    one.runs.open();
    const { id } = await one.runs.start('count', null, {});
    await expect.poll(async () => (await one.runs.get(id)).state).toBe('running');
    await one.runs.close();
    expect((await one.runs.get(id)).state).toBe('queued');
    late.resolve({ from: 'a process that closed' });
    await sleep(20);
    expect(await one.runs.get(id)).toMatchObject({ state: 'queued', result: null });
  });

  it('that shall end are not put back', async () => {
    const database = await open();
    const { started, work } = gate();
    const { runs } = processOn(database, work);
    runs.open();
    const { id } = await runs.start('count', null, {});
    await expect.poll(() => started.length).toBe(1);
    await sql`update runs set cancel_requested = true where id = ${id}::uuid`.execute(database.db);
    await runs.close();
    expect(await runs.get(id)).toMatchObject({ state: 'cancelled', endedAt: expect.any(Date) });
  });

  it('pass to another process when theirs is silent, which then writes nothing more', async () => {
    const database = await open();
    const clock = new SetClock();
    const slow = gate();
    const one = processOn(database, slow.work, { clock: { now: () => new Date('2026-05-01T12:00:00Z') } });
    one.runs.open();
    const { id } = await one.runs.start('count', null, {});
    await expect.poll(() => slow.started.length).toBe(1);
    clock.pass(31);
    const quick = gate();
    const other = processOn(database, quick.work, { clock });
    other.runs.open();
    await expect.poll(() => quick.started.length).toBe(1);
    expect(quick.started[0]?.attempt).toBe(2);
    slow.started[0]?.progress({ done: 1, total: 1, message: 'overtaken' });
    await expect.poll(() => slow.started[0]?.signal.aborted).toBe(true);
    slow.finish({ from: 'the overtaken' });
    quick.finish({ from: 'the other' });
    expect(await other.runs.wait(id)).toMatchObject({ state: 'done', attempts: 2, result: { from: 'the other' } });
    expect((await other.runs.get(id)).progress).toBeNull();
  });

  it('stay with their process while it gives signs of life', async () => {
    const database = await open();
    const clock = new SetClock();
    const first = gate();
    const one = processOn(database, first.work, { clock });
    const second = gate();
    const other = processOn(database, second.work, { clock });
    one.runs.open();
    const { id } = await one.runs.start('count', null, {});
    await expect.poll(() => first.started.length).toBe(1);
    other.runs.open();
    if (database.engine.kind === 'pglite') return; // There the second process can only follow upon the death of the first.
    const leaseOf = async () =>
      (await database.db.selectFrom('runs').select('lease_until').where('id', '=', id).executeTakeFirstOrThrow())
        .lease_until;
    for (let round = 0; round < 3; round++) {
      const before = await leaseOf();
      clock.pass(20);
      await expect.poll(async () => Number(await leaseOf())).toBeGreaterThan(Number(before));
      await other.runs.start('count', null, {}).then(({ id: wake }) => other.runs.cancel(wake));
    }
    expect([first.started.length, (await one.runs.get(id)).attempts]).toEqual([1, 1]);
  });

  it('that kill five processes are given up', async () => {
    const database = await open();
    const clock = new SetClock();
    const { runs } = processOn(database, async () => ({}), { clock });
    const { id } = await runs.start('count', null, {});
    const died = { state: 'running' as const, worker: 'somebody', lease_until: clock.now() };
    await database.db
      .updateTable('runs')
      .set({ ...died, attempts: 5 })
      .execute();
    clock.pass(1);
    runs.open();
    expect(await runs.wait(id)).toMatchObject({
      state: 'failed',
      error: { code: 'run_interrupted_too_often', message: expect.stringContaining('5 times') },
    });
  });

  it('are shared out to processes: none is done twice', async () => {
    const database = await open();
    const done: string[] = [];
    const work: RunKind['work'] = async (_, { runId }) => {
      done.push(runId);
      await sleep(2);
      return {};
    };
    const one = processOn(database, work);
    const other = processOn(database, work);
    one.runs.open();
    other.runs.open();
    const ids: string[] = [];
    for (let number = 0; number < 20; number++) ids.push((await one.runs.start('count', null, { number })).id);
    for (const id of ids) await other.runs.wait(id);
    expect(done.toSorted()).toEqual(ids.toSorted());
  });

  it('are refused when too many wait', async () => {
    const { runs } = processOn(await open(), async () => ({}), { maxQueued: 2 });
    await runs.start('count', null, {});
    await runs.start('count', null, {});
    await expect(runs.start('count', null, {})).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('are listed newest first, by state and kind, page by page', async () => {
    const { runs } = processOn(await open(), async () => ({}));
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) ids.push((await runs.start('count', null, { number })).id);
    await runs.cancel(ids[0] as string);
    const expected = ids.toSorted().toReversed();
    const first = await runs.list({ limit: 3 });
    const second = await runs.list({ limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(expected);
    expect(second.nextCursor).toBeNull();
    expect((await runs.list({ state: 'cancelled' })).runs.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await runs.list({ kind: 'other' })).runs).toEqual([]);
    await expect(runs.list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('are forgotten a month after they ended', async () => {
    const database = await open();
    const clock = new SetClock();
    const { runs } = processOn(database, async () => ({}), { clock });
    const { id } = await runs.start('count', null, {});
    runs.open();
    await runs.wait(id);
    clock.pass(31 * 86_400);
    const { id: wake } = await runs.start('count', null, {});
    await runs.wait(wake);
    await expect.poll(() => runs.get(id).catch((error: StudioError) => error.code)).toBe('run_not_found');
    expect((await runs.get(wake)).state).toBe('done');
  });

  it('end with their collection', async () => {
    const database = await open();
    const { id: collectionId } = await database.db
      .insertInto('collections')
      .values({
        name: 'books',
        fields: '{}',
        metric: 'cosine',
        parts: '{}',
        language: 'english',
        ranking: '{}',
        models: '{}',
        created_at: new Date(),
        updated_at: new Date(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const { started, work } = gate();
    const { runs, errors } = processOn(database, work);
    runs.open();
    const { id, collection } = await runs.start('count', collectionId, {});
    expect(collection).toBe('books');
    expect((await runs.list({ collectionId })).runs.map((run) => run.id)).toEqual([id]);
    await expect.poll(() => started.length).toBe(1);
    await database.db.deleteFrom('collections').execute();
    await expect.poll(() => started[0]?.signal.aborted, { timeout: 5000 }).toBe(true);
    await expect(runs.get(id)).rejects.toMatchObject({ code: 'run_not_found' });
    expect(errors).toEqual([]);
  });

  it.each([
    'x',
    '',
    '0190163d-8694-739b-aea5-966c26f8ad91',
    "'; drop table runs",
  ])('that do not exist are not found (%j)', async (id) => {
    const { runs } = processOn(await open(), async () => ({}));
    for (const ask of [() => runs.get(id), () => runs.cancel(id), () => runs.wait(id), () => runs.report(id)])
      await expect(ask()).rejects.toMatchObject({ code: 'run_not_found' });
  });

  it('have a report when their kind has one and they are done', async () => {
    const { runs } = processOn(
      await open(),
      async () => ({ figure: 7 }),
      {},
      { report: (result) => `<p>${(result as { figure: number }).figure}</p>` },
    );
    const { id } = await runs.start('count', null, {});
    await expect(runs.report(id)).rejects.toMatchObject({ code: 'no_report' });
    runs.open();
    await runs.wait(id);
    expect(await runs.report(id)).toBe('<p>7</p>');
  });
});
