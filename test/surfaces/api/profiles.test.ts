import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../support/call-cli.ts';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
  for (const user of ['anna', 'jürgen / müller', 'zoe']) await like('wood', user);
});
afterAll(() => served.close());

async function like(itemId: string, user: string): Promise<void> {
  const { searchId } = await served.client.search('books', { query: 'a book', user, mode: 'vector' });
  const event = { searchId: searchId as string, itemId, type: 'like', user };
  expect(await served.client.sendEvents({ events: [event] })).toMatchObject({ accepted: 1 });
}
const cli = (...args: string[]) => startCli([...args, '--url', served.url], tmpdir()).ended;

describe('profiles over HTTP', { timeout: 60_000 }, () => {
  it('say what a user is taken to like, and why', async () => {
    const profile = await served.client.getProfile('books', 'anna');
    expect(profile).toMatchObject({ user: 'anna', items: [{ itemId: 'wood', weight: 2 }] });
    expect(profile.evidence).toBeCloseTo(2, 4);
    expect(profile.weight).toBeCloseTo(2 / 12, 4);
    expect(await served.client.getProfile('books', 'jürgen / müller')).toMatchObject({ items: [{ itemId: 'wood' }] });
  });

  it('are listed by user, without their items', async () => {
    const first = await served.client.listProfiles('books', { limit: 2 });
    expect(first.profiles.map(({ user }) => user)).toEqual(['anna', 'jürgen / müller']);
    expect(first.profiles[0]).not.toHaveProperty('items');
    const second = await served.client.listProfiles('books', { limit: 2, cursor: first.nextCursor as string });
    expect([second.profiles.map(({ user }) => user), second.nextCursor]).toEqual([['zoe'], null]);
  });

  it('move the hits of their user alone, unless a search says otherwise', async () => {
    const scores = async (over: object) => {
      const { hits } = await served.client.search('books', {
        query: 'a book',
        mode: 'vector',
        memory: false,
        record: false,
        ...over,
      });
      return hits.map(({ id, score }) => [id, score]);
    };
    const shared = await scores({});
    expect(await scores({ user: 'anna' })).not.toEqual(shared);
    expect(await scores({ user: 'anna', personalize: false })).toEqual(shared);
    expect(await scores({ user: 'nobody' })).toEqual(shared);
  });

  it('are shown and reset on the command line', async () => {
    const shown = await cli('profiles', 'show', 'books', 'zoe');
    expect(shown).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^zoe: evidence 2\.00, counts 17 %.*\n +2\.00 {2}wood\n$/),
    });
    expect((await cli('profiles', 'reset', 'books', 'zoe')).stdout).toBe('The profile of zoe begins anew.\n');
    expect((await cli('profiles', 'reset', 'books', 'zoe')).stdout).toBe('zoe had no profile in books.\n');
    const gone = await cli('profiles', 'show', 'books', 'zoe');
    expect([gone.exit, gone.stderr]).toEqual([1, expect.stringContaining('There is no profile of "zoe"')]);
    expect(JSON.parse((await cli('profiles', 'show', 'books', 'anna', '--json')).stdout)).toMatchObject({
      user: 'anna',
    });
  });

  it('begin anew when they are reset', async () => {
    expect(await served.client.resetProfile('books', 'anna')).toEqual({ reset: true });
    expect(await served.client.resetProfile('books', 'anna')).toEqual({ reset: false });
    await expect(served.client.getProfile('books', 'anna')).rejects.toMatchObject({ code: 'profile_not_found' });
    await like('star', 'anna');
    expect((await served.client.getProfile('books', 'anna')).items.map(({ itemId }) => itemId)).toEqual(['star']);
  });
});
