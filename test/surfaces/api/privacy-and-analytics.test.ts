import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/call-cli.ts';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

const FILE = join(tmpdir(), `anna-${process.pid}.json`);
let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
  for (const user of ['anna', 'b', 'c', 'd', 'e']) await searchAndClick('quiet walk', user);
  await searchAndClick("anna's own", 'anna');
  await served.client.putJudgments('books', {
    set: 'team',
    provenance: 'rating:anna',
    judgments: [{ query: 'sea', itemId: 'sea', grade: 3 }],
  });
});
afterAll(async () => {
  await served.close();
  await rm(FILE, { force: true });
});

async function searchAndClick(query: string, user: string): Promise<void> {
  const { searchId, hits } = await served.client.search('books', { query, user, limit: 2 });
  const [hit] = hits;
  const event = { searchId: searchId as string, itemId: hit?.id as string, type: 'click', user };
  expect(await served.client.sendEvents({ events: [event] })).toMatchObject({ accepted: 1 });
}

const cli = (...args: string[]) => startCli([...args, '--url', served.url], tmpdir()).ended;

describe('what is kept about people', { timeout: 60_000 }, () => {
  it('is counted without naming what few have asked', async () => {
    const { totals, buckets } = await served.client.getAnalytics('books', { interval: 'day' });
    expect(totals).toMatchObject({
      searches: 6,
      clients: 5,
      clickedSearches: 6,
      clickThroughRate: 1,
      meanReciprocalRank: 1,
    });
    expect(buckets.at(-1)?.searches).toBeGreaterThan(0);
    const { positions } = await served.client.getPositionAnalytics('books');
    expect(positions.slice(0, 3).map(({ impressions, clicks }) => [impressions, clicks])).toEqual([
      [6, 6],
      [6, 0],
      [0, 0],
    ]);
    const { queries, hidden } = await served.client.getQueryAnalytics('books');
    expect(queries).toMatchObject([{ query: 'quiet walk', searches: 5, clients: 5, clickThroughRate: 1 }]);
    expect(hidden).toEqual({ queries: 1, searches: 1 });
    const memory = await served.client.listMemory('books');
    expect([memory.queries.map(({ query }) => query), memory.hidden]).toEqual([['quiet walk'], 1]);
  });

  it('is counted on the command line too', async () => {
    const { stdout, exit } = await cli('analytics', 'books');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/together\s+6\s+5\s+0\s+100\.0 %\s+0\.0 %\s+1\.000/);
    expect(stdout).toContain('quiet walk');
    expect(stdout).toContain('Not shown, because too few have asked them: 1 queries, 1 searches');
    expect(stdout).toMatch(/searches [▁▂▃▄▅▆▇█]+\n/);
    expect(stdout).not.toContain('anna');
    expect(JSON.parse((await cli('analytics', 'books', '--json')).stdout)).toMatchObject({ totals: { searches: 6 } });
  });

  it('is given to whom it is about, piece by piece, or into a file that others cannot read', async () => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await served.client.exportUser('anna', { limit: 1, cursor: cursor ?? undefined });
      found.push(
        ...page.searches.map(({ query, hits }) => `searched ${query}, ${hits.length} hits`),
        ...page.events.map(({ type, position }) => `${type} at ${position}`),
        ...page.sessions.map(({ searches }) => `session of ${searches}`),
        ...page.ratings.map(({ query, grade }) => `rated ${query} ${grade}`),
      );
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(found).toEqual([
      'searched quiet walk, 2 hits',
      "searched anna's own, 2 hits",
      'click at 1',
      'click at 1',
      expect.stringMatching(/^session of [12]$/),
      'rated sea 3',
    ]);
    expect(await cli('users', 'export', 'anna', '--out', FILE)).toMatchObject({ exit: 0, stdout: `Wrote ${FILE}.\n` });
    expect((await stat(FILE)).mode & 0o777).toBe(0o600);
    const whole = JSON.parse(await readFile(FILE, 'utf8'));
    expect(whole).toMatchObject({ user: 'anna', collections: { books: { ratings: [{ set: 'team' }] } } });
    expect(whole.collections.books.searches).toHaveLength(2);
    expect(JSON.parse((await cli('users', 'export', 'nobody')).stdout)).toEqual({ user: 'nobody', collections: {} });
  });

  it('is erased, with a receipt', async () => {
    const { stdout, exit } = await cli('users', 'erase', 'anna', '--yes');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^books: deleted 2 searches, 2 events, 1 sessions, 1 profiles\n/);
    expect(stdout).toMatch(/memory: 1 queries forgotten, 1 learned again; judgments: 1 deleted/);
    const { erasures } = await served.client.listErasures();
    expect(stdout).toContain(`Receipt ${erasures[0]?.erasureId}`);
    expect(await served.client.exportUser('anna')).toEqual({
      searches: [],
      events: [],
      sessions: [],
      ratings: [],
      profiles: [],
      nextCursor: null,
    });
    expect(await served.client.eraseUser('anna')).toMatchObject({ complete: true, collections: [] });
    // Four are left who asked it: too few to name it.
    expect((await served.client.listMemory('books')).queries).toEqual([]);
  });
});
