import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const there = existsSync(CHROMIUM);
if (!there) console.log('skipped: no chromium (the report of an evaluation)');

describe.skipIf(!there)('the report of an evaluation in a real browser', () => {
  let served: ServedStudio;
  let browser: Browser;
  let address: string;
  beforeAll(async () => {
    served = await serveStudio();
    await putBooks(served.client);
    const { id } = await served.client.startEvaluation('books', {
      judgments: [
        { query: 'ship', itemId: 'sea', grade: 2 },
        { query: '<img src=x onerror="document.title=1"> forest', itemId: 'wood', grade: 2 },
      ],
      arms: [{ name: 'now' }, { name: '<script>alert(1)</script>', filter: { term: { color: 'red' } } }],
    });
    await served.client.streamRun(id);
    address = `${served.url}/v1/runs/${id}/report`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it.each([
    'light',
    'dark',
  ] as const)('is readable in %s, fits a phone, and breaks no rule of its policy', async (scheme) => {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 390, height: 800 } });
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(message.text()));
    page.on('request', (request) => {
      if (request.url() !== address) troubles.push(request.url());
    });
    await page.goto(address);
    expect(await page.title()).toBe('Evaluation of books');
    expect(await page.locator('svg').count()).toBeGreaterThanOrEqual(7);
    expect(await page.locator('td', { hasText: '<script>alert(1)</script>' }).count()).toBeGreaterThan(0);
    const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(paper).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 26)');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
