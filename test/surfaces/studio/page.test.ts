import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedStudio, serveStudio } from '../support/served-studio.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const there = existsSync(CHROMIUM);
if (!there) console.log('skipped: no chromium (the search page)');

describe.skipIf(!there)('the search page in a real browser', () => {
  let served: ServedStudio;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    served = await serveStudio();
    await served.client.putCollection('shop', {
      fields: {
        name: { type: 'text', embed: true, lexical: true },
        color: { type: 'keyword', filter: true, facet: true },
      },
    });
    const names = ['oak table', 'birch table', 'pine shelf', 'steel lamp', 'paper lamp', 'wool rug'];
    const items = names.map((name, index) => ({ id: name, name, color: index % 2 === 0 ? 'brown' : 'white' }));
    await served.client.putItems(
      'shop',
      { items: [...items, { id: 'evil', name: '<img src=x onerror="window.broken=1"> mirror', color: 'white' }] },
      { wait: 'indexed' },
    );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    page = await browser.newPage();
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.goto(served.url);
  });

  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  const titles = () => page.locator('.hit h2').allTextContents();

  it('searches as one types, marks the words and counts facets', async () => {
    await page.fill('#query', 'table');
    await expect.poll(async () => (await titles()).slice(0, 2).sort()).toEqual(['birch table', 'oak table']);
    expect(await page.locator('.hit mark').first().textContent()).toBe('table');
    expect(await page.locator('#facets fieldset').textContent()).toContain('brown');
  });

  it('filters by a facet', async () => {
    await page.locator('#facets label', { hasText: 'white' }).locator('input').check();
    await expect.poll(async () => (await titles())[0]).toBe('birch table');
    expect(await titles()).not.toContain('oak table');
    await page.locator('#facets label', { hasText: 'white' }).locator('input').uncheck();
    await expect.poll(titles).toContain('oak table');
  });

  it('remembers a click, and the next search says which clicks count for it', async () => {
    const first = page.waitForResponse((response) => response.url().endsWith('/search'));
    await page.fill('#query', 'something for the living room');
    await first;
    await expect.poll(() => page.locator('#status').textContent()).toContain('found');
    const last = (await titles()).at(-1) as string;
    await page.locator('.hit', { hasText: last }).locator('.open').click();
    const again = page.waitForResponse((response) => response.url().endsWith('/search'));
    await page.locator('#toast button').click();
    await again;
    await expect.poll(() => page.locator('#status').textContent()).toContain('found');
    const card = page.locator('.hit', { hasText: last });
    await card.getByText('why?').click();
    await expect.poll(() => card.locator('.why').textContent()).toContain('something for the living room');
  });

  it('shows markup in an item as text and never runs it', async () => {
    await page.fill('#query', 'mirror');
    await expect.poll(async () => (await titles())[0]).toContain('<img src=x');
    expect(await page.evaluate('window.broken')).toBeUndefined();
  });

  it('says what is wrong with a filter, in its place', async () => {
    await page.getByText('Filter as JSON').click();
    await page.fill('#filter', '{"term": {"nope": 1}}');
    await page.locator('#filter').blur();
    await expect.poll(() => page.locator('#filter-error').textContent()).toContain('nope');
    await page.fill('#filter', '');
    await page.locator('#filter').blur();
  });

  it('says that nothing was found, and what may be in the way', async () => {
    await page.check('[name=mode][value=lexical]');
    await page.fill('#query', 'xqzzy');
    await expect.poll(() => page.locator('#blank').textContent()).toContain('Nothing found');
    await page.getByRole('button', { name: 'search by meaning, too' }).click();
    await expect.poll(titles).not.toEqual([]);
    expect(await page.locator('#blank').isVisible()).toBe(false);
  });

  it('is used by the keyboard alone: / to search, Tab to a result, Enter to open it', async () => {
    await page.locator('footer a').first().focus();
    await page.keyboard.press('/');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('lamp');
    await expect.poll(async () => (await titles())[0]).toContain('lamp');
    const event = page.waitForRequest((request) => request.url().endsWith('/v1/events'));
    await page.locator('#results').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await event;
  });

  it('names every control', async () => {
    const controls = page.locator('input:not([hidden]), select, textarea, button');
    for (const control of await controls.all()) {
      if (!(await control.isVisible())) continue;
      const snapshot = await control.ariaSnapshot();
      expect(snapshot, await control.evaluate((element) => element.outerHTML)).toMatch(/"[^"]+"/);
    }
  });

  it('puts the results first on a phone, and fits its width', async () => {
    const phone = await browser.newPage({ viewport: { width: 360, height: 740 } });
    await phone.goto(served.url);
    await expect.poll(() => phone.locator('.hit').count()).toBeGreaterThan(0);
    expect(await phone.locator('#facets').isVisible()).toBe(false);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await phone.close();
  });

  it('says how to begin where there is nothing yet', async () => {
    const empty = await serveStudio();
    const first = await browser.newPage();
    await first.goto(empty.url);
    await expect.poll(() => first.locator('#blank').textContent()).toContain('Nothing to search yet');
    expect(await first.locator('#form').isVisible()).toBe(false);
    await first.close();
    await empty.close();
  });

  it('raises no error in the page', () => {
    expect(troubles).toEqual([]);
  });
});
