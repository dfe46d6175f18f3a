import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readJudgedQueries } from '../../../src/surfaces/cli/simulate/judged-queries.ts';
import { type SimulateOptions, simulate } from '../../../src/surfaces/cli/simulate/simulate.ts';
import { startCli } from '../support/call-cli.ts';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
let folder: string;
let name = 'books';
let rounds = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  served = await serveStudio();
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  name = `books-${++rounds}`;
  await putBooks(served.client, name);
  await served.client.putJudgments(name, {
    set: 'truth',
    judgments: [
      { query: 'ship on the sea', itemId: 'sea', grade: 3 },
      { query: 'ship on the sea', itemId: 'star', grade: 0 },
      { query: 'birds in the forest', itemId: 'wood', grade: 3 },
      { query: 'soup for guests', itemId: 'cook', grade: 1 },
    ],
  });
});

const run = async (over: Partial<SimulateOptions> = {}) =>
  simulate(served.client, name, {
    queries: await readJudgedQueries(served.client, name, 'truth'),
    sessions: 30,
    population: { seed: 7, shoppers: 10 },
    speed: 2000,
    ...over,
  });

const logged = async () => {
  const { db } = served.studio.database;
  const { id } = await served.studio.services.collections.get(name);
  const searches = await db.selectFrom('searches').selectAll().where('collection_id', '=', id).orderBy('id').execute();
  const events = await db.selectFrom('events').selectAll().where('collection_id', '=', id).execute();
  return { searches, events };
};

describe('simulated visitors', () => {
  it('ask the queries of the set in turn, as people with names and sessions, and prefer what it says is good', async () => {
    const report = await run();
    const { searches, events } = await logged();
    expect([report.total.searches, searches.length]).toEqual([30, 30]);
    const asked = [...Map.groupBy(searches, (search) => search.query_key).values()];
    expect(asked.map((times) => times.length)).toEqual([10, 10, 10]);
    expect(searches.every(({ user_id }) => /^shopper-\d+$/.test(user_id ?? ''))).toBe(true);
    expect(new Set(searches.map(({ session_id }) => session_id)).size).toBe(30);
    expect(report).toMatchObject({ events: events.length, refused: 0 });
    expect(new Set(events.map(({ type }) => type))).toEqual(
      expect.objectContaining(new Set(['impression', 'click', 'dwell'])),
    );
    const queryOf = new Map(searches.map((search) => [search.id, search.query_key]));
    const clicks = (query: string, item: string) =>
      events.filter(
        (event) => event.type === 'click' && event.item_id === item && queryOf.get(event.search_id) === query,
      );
    expect(clicks('ship on the sea', 'sea').length).toBeGreaterThan(clicks('ship on the sea', 'star').length);
  });

  it('send nothing before it has happened, nor before its search', async () => {
    await run();
    const { searches, events } = await logged();
    const answered = new Map(searches.map((search) => [search.id, search.at.getTime()]));
    for (const { at, received_at, search_id } of events) {
      expect(at.getTime()).toBeLessThanOrEqual(received_at.getTime());
      expect(at.getTime()).toBeGreaterThanOrEqual(answered.get(search_id)! - 1);
    }
  });

  it('are the same with the same seed', async () => {
    const asked = async (seed: number) => {
      name = `books-${++rounds}`;
      await putBooks(served.client, name);
      await served.client.putJudgments(name, { set: 'truth', judgments: [{ query: 'sea', itemId: 'sea', grade: 1 }] });
      // Memory would show later visitors other pages, depending on when a click arrives.
      await served.client.patchRanking(name, { memory: { enabled: false } });
      const { kinds } = await run({ population: { seed, shoppers: 10 } });
      const { searches } = await logged();
      return { kinds, who: searches.map(({ user_id, query_key }) => `${user_id} ${query_key}`) };
    };
    const first = await asked(3);
    expect(await asked(3)).toEqual(first);
    expect(await asked(4)).not.toEqual(first);
  });

  it('have robots and poisoners among them when asked', async () => {
    const pushed = new Set(['cook']);
    const population = { seed: 2, shoppers: 10, robotShare: 0.3, poisonerShare: 0.3, pushed };
    const { kinds } = await run({ population, sessions: 40 });
    expect(kinds.robot!.clicks).toBe(4 * kinds.robot!.searches);
    const { searches, events } = await logged();
    const guests = new Set(searches.filter(({ user_id }) => user_id?.startsWith('guest')).map(({ id }) => id));
    expect(guests.size).toBe(kinds.poisoner!.searches);
    const clicked = events.filter(({ type, search_id }) => type === 'click' && guests.has(search_id));
    expect(new Set(clicked.map(({ item_id }) => item_id))).toEqual(pushed);
  });

  it('come at the rate that was asked for, and stop when told', async () => {
    await run({ sessions: 6, rate: 20 });
    const times = (await logged()).searches.map(({ at }) => at.getTime());
    // Five pauses of 50 ms, but for what the first answer took.
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(100);
    const stop = new AbortController();
    const report = await run({
      sessions: 1000,
      signal: stop.signal,
      onProgress: (done) => done === 5 && stop.abort(),
    });
    expect(report.total.searches).toBe(5);
  });
});

describe('embedding-studio simulate', { timeout: 120_000 }, () => {
  const call = (...args: string[]) => startCli(['simulate', ...args, '--url', served.url], folder).ended;

  it('prints what each kind of visitor did', async () => {
    const outcome = await call(
      name,
      '--set',
      'truth',
      '--sessions',
      '20',
      '--speed',
      '2000',
      '--robots',
      '0.2',
      '--seed',
      '3',
    );
    expect([outcome.exit, outcome.stderr]).toEqual([0, expect.stringContaining('20 searches')]);
    expect(outcome.stdout).toMatch(/^ +searches +clicks +clicked +carts +purchases\n/);
    expect(outcome.stdout).toMatch(/\nrobot +\d+ +\d+ +100\.0 %/);
    expect(outcome.stdout).toMatch(/\nall +20 /);
  });

  it('says what is wrong with a call', async () => {
    const wrong: ReadonlyArray<readonly [args: string[], exit: number, sentence: string]> = [
      [[name], 2, "Required option '--set <name>' not specified"],
      [[name, '--set', 'nope'], 1, 'There is no set of judgments "nope"'],
      [['nope', '--set', 'truth'], 1, 'There is no collection "nope"'],
      [[name, '--set', 'truth', '--sessions', '0'], 2, 'a whole number from 1 to'],
      [[name, '--set', 'truth', '--personas', 'glancing,lazy'], 2, 'There is no persona "lazy"'],
      [[name, '--set', 'truth', '--poisoners', '.1'], 2, 'Name the items with --push'],
      [[name, '--set', 'truth', '--robots', '.6', '--poisoners', '.6', '--push', 'sea'], 2, 'together at most 1'],
      [[name, '--set', 'truth', '--noise', '2'], 2, 'a share from 0 to 1'],
    ];
    for (const [args, exit, sentence] of wrong) {
      const outcome = await call(...args);
      expect([outcome.exit, outcome.stdout, outcome.stderr]).toEqual([exit, '', expect.stringContaining(sentence)]);
    }
    await served.client.putJudgments(name, { set: 'bad', judgments: [{ query: 'sea', itemId: 'sea', grade: 0 }] });
    const outcome = await call(name, '--set', 'bad');
    expect([outcome.exit, outcome.stderr]).toEqual([2, expect.stringContaining('nobody would click')]);
  });
});
