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

if (!existsSync(CHROMIUM)) console.log('skipped: no chromium (the search page)');
else
  describe('the search page in a real browser', () => {
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
      await page.locator('summary').click();
      await page.fill('#filter', '{"term": {"nope": 1}}');
      await page.locator('#filter').blur();
      await expect.poll(() => page.locator('#filter-error').textContent()).toContain('nope');
      await page.fill('#filter', '');
      await page.locator('#filter').blur();
    });

    it('raises no error in the page', () => {
      expect(troubles).toEqual([]);
    });
  });
