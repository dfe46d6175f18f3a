import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';
import { addressOf, openShop, SHOP_FILES, type Shop, type ShopPage } from './shop.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const trackerFile = new URL('../../../src/surfaces/tracker/tracker.js', import.meta.url);

const there = existsSync(CHROMIUM);
if (!there) console.log('skipped: no chromium (the tracker)');

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

describe.skipIf(!there)('the tracker in a real browser', () => {
  let folder: string;
  let served: ServedStudio;
  let shop: Shop;
  let stranger: Shop;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const troubles: string[] = [];
  let sent: Array<{ readonly beacon: boolean; readonly body: string }>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-'));
    for (const [name, content] of Object.entries(SHOP_FILES)) await writeFile(join(folder, name), content);
    shop = await openShop(() => readFile(trackerFile, 'utf8'));
    stranger = await openShop(() => readFile(trackerFile, 'utf8'));
    served = await serveStudio({ pageFolder: folder, corsOrigins: [shop.origin] });
    await putBooks(served.client);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([shop, stranger, served].map((one) => one?.close()));
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    sent = [];
    context = await browser.newContext({ viewport: { width: 800, height: 600 } });
    context.on('request', (request) => {
      if (!request.url().endsWith('/v1/events') || request.method() !== 'POST') return;
      const beacon = request.headers()['content-type']?.startsWith('text/plain') === true;
      sent.push({ beacon, body: request.postData() ?? '' });
    });
    page = await context.newPage();
    page.on('pageerror', (error) => troubles.push(error.message));
  });
  afterEach(async () => {
    await context.close();
    expect(troubles.splice(0)).toEqual([]);
  });

  /** Opens the shop's list of a real search; time stands still in it where it is told to. */
  async function visit(more: Partial<ShopPage> = {}, { origin = served.url, frozen = true } = {}) {
    const { searchId, hits } = await served.client.search('books', { query: 'sea', limit: 4 });
    const itemIds = hits.map((hit) => hit.id);
    const options = { consent: 'granted', ...more.options };
    const shown = { searchId: searchId as string, itemIds, ...more, options };
    if (frozen) {
      await page.clock.install({ time: new Date() });
      await page.clock.pauseAt(new Date(Date.now() + 1000));
    }
    await page.goto(addressOf(origin, shown));
    await isReady();
    return { searchId: shown.searchId, itemIds: itemIds as [string, string, string, string] };
  }
  const isReady = () => eventually(() => page.evaluate('window.ready === true')).toBe(true);
  const stored = async (searchId: string) =>
    (
      await served.studio.database.db
        .selectFrom('events')
        .select(['type', 'item_id', 'value', 'user_id'])
        .where('search_id', '=', searchId)
        .orderBy('type', 'desc')
        .execute()
    ).map((row) => [row.type, row.item_id, row.value, row.user_id].filter((part) => part !== null));
  /** What is stored after a little more of the page's time. */
  const delivered = async (searchId: string) => {
    await page.clock.runFor(100);
    return await stored(searchId);
  };
  const kept = async (): Promise<Array<{ itemId: string }>> =>
    JSON.parse(
      (await page.evaluate('JSON.stringify(Object.values(localStorage).flatMap((one) => JSON.parse(one)))')) as string,
    );
  const onDevice = () => page.evaluate('localStorage.length + sessionStorage.length');
  const setHidden = (hidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));`);

  it('tells an impression after a second in view, and not before', async () => {
    const { searchId, itemIds } = await visit();
    await page.clock.runFor(950);
    expect(await kept()).toEqual([]);
    await page.clock.runFor(100);
    expect(await kept()).toMatchObject([{ type: 'impression', itemId: itemIds[0], searchId }]);
    await page.clock.runFor(2000);
    await eventually(() => delivered(searchId)).toEqual([['impression', itemIds[0]]]);
  });

  it('tells no impression of what was passed by, nor a second one of what was seen', async () => {
    const { searchId, itemIds } = await visit();
    await page.clock.runFor(1100);
    const scrollTo = (top: number) => page.evaluate(`scrollTo(0, ${top}); looked()`);
    await scrollTo(500);
    await page.clock.runFor(900);
    await scrollTo(1000);
    await page.clock.runFor(1100);
    await scrollTo(0);
    await page.clock.runFor(5000);
    await eventually(() => delivered(searchId)).toEqual([
      ['impression', itemIds[0]],
      ['impression', itemIds[2]],
    ]);
  });

  it('does not count the time in which another tab is in front', async () => {
    const { itemIds } = await visit();
    await page.clock.runFor(900);
    await setHidden(true);
    await page.clock.runFor(5000);
    expect(await kept()).toEqual([]);
    await setHidden(false);
    await page.clock.runFor(950);
    expect(await kept()).toEqual([]);
    await page.clock.runFor(100);
    expect(await kept()).toMatchObject([{ itemId: itemIds[0] }]);
  });

  it('tells a click, and how long the person stayed when they come back', async () => {
    const { searchId, itemIds } = await visit({}, { frozen: false });
    await page.getByRole('link', { name: itemIds[0] }).click();
    await page.waitForURL('**/item.html');
    await eventually(() => stored(searchId)).toContainEqual(['click', itemIds[0]]);
    await page.waitForTimeout(400);
    await page.goBack();
    await eventually(async () => (await stored(searchId)).map(([type]) => type)).toContain('dwell');
    const dwells = (await stored(searchId)).filter(([type]) => type === 'dwell');
    expect(dwells).toEqual([['dwell', itemIds[0], expect.any(Number)]]);
    expect(dwells[0]?.[2]).toBeGreaterThan(0.3);
  });

  it('tells the seconds that another tab was in front after a click', async () => {
    const { searchId, itemIds } = await visit();
    await page.evaluate(`tracker.click(searchId, '${itemIds[1]}')`);
    await setHidden(true);
    await page.clock.fastForward(12_000);
    await setHidden(false);
    await page.clock.runFor(2000);
    await eventually(() => delivered(searchId)).toContainEqual(['dwell', itemIds[1], expect.closeTo(12, 0)]);
  });

  it('tells conversions with their value and the person, and no click on what is untracked', async () => {
    const { searchId, itemIds } = await visit({ options: { user: 'anna' } });
    await page.locator('button').first().click();
    await page.evaluate(`tracker.convert(searchId, '${itemIds[1]}', 'purchase', 9.5)`);
    await page.evaluate(`tracker.event('like', searchId, '${itemIds[2]}')`);
    await page.evaluate('tracker.flush()');
    expect(await stored(searchId)).toEqual([
      ['purchase', itemIds[1], 9.5, 'anna'],
      ['like', itemIds[2], 'anna'],
    ]);
  });

  it('keeps events while there is no network, over a reload too, and delivers each once', async () => {
    const { searchId, itemIds } = await visit({}, { frozen: false });
    const tab = await context.newPage();
    await tab.goto(addressOf(served.url, { searchId, itemIds: [] }));
    await context.setOffline(true);
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
    await page.evaluate(`tracker.click(searchId, '${itemIds[1]}')`);
    await page.evaluate('tracker.flush()');
    await tab.close({ runBeforeUnload: true });
    await setHidden(true);
    await setHidden(false);
    expect((await kept()).filter((one) => one.itemId === itemIds[0]).length).toBeGreaterThan(0);
    await context.setOffline(false);
    await page.reload();
    await eventually(async () => (await stored(searchId)).filter(([type]) => type === 'click')).toHaveLength(2);
    await eventually(kept).toEqual([]);
    expect((await stored(searchId)).filter(([type]) => type === 'click')).toHaveLength(2);
  });

  it('tells nothing and keeps nothing where the browser asks not to be tracked', async () => {
    for (const signal of ["'doNotTrack', { value: '1' }", "'globalPrivacyControl', { value: true }"]) {
      await page.addInitScript(`Object.defineProperty(navigator, ${signal})`);
      const { searchId, itemIds } = await visit();
      await page.clock.runFor(3000);
      await page.evaluate(`tracker.consent = 'granted'; tracker.click(searchId, '${itemIds[0]}'); tracker.flush()`);
      expect(await page.evaluate('[tracker.consent, typeof tracker.session]')).toEqual(['denied', 'undefined']);
      await page.goto('about:blank');
      expect([sent, await stored(searchId)]).toEqual([[], []]);
      await page.goto(`${served.url}/item.html`);
      expect(await onDevice()).toBe(0);
      await context.close();
      context = await browser.newContext();
      page = await context.newPage();
    }
  });

  it('stores and sends nothing before consent, and what it saw in between afterwards', async () => {
    const { searchId, itemIds } = await visit({ options: { consent: undefined } });
    await page.clock.runFor(3000);
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}'); tracker.flush()`);
    expect([sent, await onDevice(), await page.evaluate('typeof tracker.session')]).toEqual([[], 0, 'undefined']);
    await page.evaluate("tracker.consent = 'granted'");
    await page.clock.runFor(2000);
    await eventually(() => delivered(searchId)).toEqual([
      ['impression', itemIds[0]],
      ['click', itemIds[0]],
    ]);
    expect(await page.evaluate('typeof tracker.session')).toBe('string');
  });

  it('forgets everything when consent is taken back', async () => {
    const { searchId, itemIds } = await visit();
    await page.evaluate(`tracker.session; tracker.click(searchId, '${itemIds[0]}')`);
    expect(await onDevice()).toBeGreaterThan(1);
    await page.evaluate("tracker.consent = 'denied'");
    expect(await onDevice()).toBe(0);
    await page.clock.runFor(3000);
    await page.goto('about:blank');
    expect([sent, await stored(searchId)]).toEqual([[], []]);
  });

  it.each([
    'its own origin',
    'an allowed origin',
  ])('sends what waits by beacon when the page goes, from %s', async (from) => {
    const where = from === 'its own origin' ? {} : { origin: shop.origin };
    const { searchId, itemIds } = await visit(from === 'its own origin' ? {} : { endpoint: served.url }, where);
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
    await page.goto('about:blank');
    await eventually(() => stored(searchId)).toEqual([['click', itemIds[0]]]);
    // Time stands still there: nothing but the beacon can have brought it.
    expect(sent.filter((request) => !request.beacon)).toEqual([]);
  });

  it('sends JSON from a page of an allowed origin', async () => {
    const { searchId, itemIds } = await visit({ endpoint: served.url }, { origin: shop.origin });
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
    await page.evaluate('tracker.flush()');
    expect(await stored(searchId)).toEqual([['click', itemIds[0]]]);
    expect([sent.map((request) => request.beacon), await kept()]).toEqual([[false], []]);
  });

  it('reaches nothing from a page of another origin, by JSON or by beacon', async () => {
    const { searchId, itemIds } = await visit({ endpoint: served.url }, { origin: stranger.origin });
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
    await page.evaluate('tracker.flush()');
    const refused = page.waitForResponse((response) => response.url().endsWith('/v1/events'));
    await setHidden(true);
    expect((await refused).status()).toBe(403);
    expect(await stored(searchId)).toEqual([]);
  });

  it.each([500, 503, 429, 0])('keeps a batch that is answered with %i, and waits longer each time', async (status) => {
    shop.fail(status);
    const { itemIds } = await visit({}, { origin: shop.origin });
    await page.evaluate(`
      const send = fetch;
      window.attempts = [];
      window.fetch = (...input) => (attempts.push(Date.now()), send(...input));
      tracker.click(searchId, '${itemIds[0]}');`);
    await page.evaluate('tracker.flush()');
    expect(await kept()).toHaveLength(1);
    // In the page's own time, which passes here alone.
    const waits = async (): Promise<number[]> => {
      await page.clock.runFor(250);
      return JSON.parse(
        (await page.evaluate('JSON.stringify(attempts.slice(1).map((at, i) => at - attempts[i]))')) as string,
      );
    };
    await eventually(async () => (await waits()).length).toBe(3);
    const [first = 0, second = 0, third = 0] = await waits();
    expect([first >= 750, second >= 1500, third >= 3000]).toEqual([true, true, true]);
    expect(await kept()).toContainEqual(expect.objectContaining({ type: 'click', itemId: itemIds[0] }));
  });

  it('drops a batch that is refused for good', async () => {
    shop.fail(422);
    const { itemIds } = await visit({}, { origin: shop.origin });
    await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
    await page.evaluate('tracker.flush()');
    expect(await kept()).toEqual([]);
  });

  it('keeps the newest events when too many wait', async () => {
    shop.fail(500);
    await visit({ options: { maxQueue: 3 } }, { origin: shop.origin });
    await page.evaluate("for (const id of ['a', 'b', 'c', 'd', 'e']) tracker.click(searchId, id)");
    expect((await kept()).map((one) => one.itemId)).toEqual(['c', 'd', 'e']);
  });

  it('gives the tab one session, and a new one after half an hour without use', async () => {
    await visit();
    const first = await page.evaluate('tracker.session');
    await page.clock.fastForward(29 * 60_000);
    await page.reload();
    await isReady();
    expect(await page.evaluate('tracker.session')).toBe(first);
    await page.clock.fastForward(31 * 60_000);
    expect(await page.evaluate('tracker.session')).not.toBe(first);
  });

  it('keeps nothing on the device without storage, and delivers all the same', async () => {
    const { searchId, itemIds } = await visit({ options: { storage: null } });
    await page.evaluate(`tracker.session; tracker.click(searchId, '${itemIds[0]}')`);
    expect(await onDevice()).toBe(0);
    await page.evaluate('tracker.flush()');
    expect(await stored(searchId)).toEqual([['click', itemIds[0]]]);
  });

  it('works as the guide shows it', async () => {
    const guide = await readFile(new URL('../../../docs/guides/tracking.md', import.meta.url), 'utf8');
    const snippet = /```html\n(.*?)```/s.exec(guide)?.[1] ?? '';
    shop.files.set('guide.html', `<!doctype html>${snippet.replaceAll('https://search.example.com', served.url)}`);
    const answer = page.waitForResponse((response) => response.url().endsWith('/search'));
    await page.goto(`${shop.origin}/guide.html`);
    const { searchId } = (await (await answer).json()) as { searchId: string };
    await eventually(async () => (await stored(searchId)).map(([type]) => type)).toContain('impression');
    await page.getByRole('link').first().click();
    await eventually(async () => (await stored(searchId)).map(([type]) => type)).toContain('click');
    const { client } = await served.studio.database.db
      .selectFrom('searches')
      .select('client')
      .where('id', '=', searchId)
      .executeTakeFirstOrThrow();
    expect(client).toMatch(/^session [\w-]{32,36}$/);
  });

  it('never throws into the page, whatever it is given or finds in the storage', async () => {
    const { searchId, itemIds } = await visit();
    await page.evaluate(`
      tracker.shown(null, null); tracker.shown(searchId); tracker.shown(searchId, [{}, { itemId: 'x', element: 7 }]);
      tracker.click(); tracker.click(searchId, 'x'.repeat(300)); tracker.convert({}, null, 5, NaN); tracker.event(Symbol());
      tracker.consent = 'perhaps'; tracker.user = {};`);
    for (const junk of ['{', '7', '[null, 7, {}]', '[{"eventId": "x", "at": {}}]']) {
      await page.evaluate(
        `for (const key of Object.keys(localStorage)) localStorage.setItem(key, ${JSON.stringify(junk)})`,
      );
      await page.evaluate(`tracker.click(searchId, '${itemIds[0]}')`);
      await page.evaluate('tracker.flush()');
    }
    expect((await stored(searchId)).length).toBeGreaterThan(0);
    await page.evaluate('tracker.close(); tracker.click(searchId, "a")');
  });
});
