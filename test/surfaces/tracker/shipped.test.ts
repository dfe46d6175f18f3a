import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedStudio, send, serveStudio } from '../support/served-studio.ts';

const root = new URL('../../../', import.meta.url);
const source = new URL('src/surfaces/tracker/tracker.js', root);
const run = promisify(execFile);

let folder: string;
let served: ServedStudio;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracker-'));
  served = await serveStudio({ pageFolder: null });
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

describe('the tracker as it is shipped', () => {
  it('is smaller than 4 kB, compressed', async () => {
    expect(gzipSync(await readFile(source)).length).toBeLessThan(4000);
  });

  it('is served to pages of every origin, and not sent twice', async () => {
    const { status, headers, body } = await send(served.url, 'GET', '/tracker.js');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(body.text).toBe(await readFile(source, 'utf8'));
    const again = { 'if-none-match': headers.get('etag') as string };
    expect((await send(served.url, 'GET', '/tracker.js', undefined, again)).status).toBe(304);
  });

  it('is exported by the package with its types, where the build puts it', async () => {
    const { exports } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
    expect(exports['./tracker']).toEqual({
      types: './dist/surfaces/tracker/tracker.d.ts',
      default: './dist/surfaces/tracker/tracker.js',
    });
    expect(await readFile(new URL('src/surfaces/copy-assets.ts', root), 'utf8')).toContain("'surfaces/tracker/'");
  });

  it('does nothing where there is no page, as when a server renders it', async () => {
    const { createTracker } = await import('../../../src/surfaces/tracker/tracker.js');
    const tracker = createTracker({ consent: 'granted' });
    tracker.shown('search', []);
    tracker.click('search', 'item');
    await tracker.flush();
    expect([tracker.consent, tracker.session]).toEqual(['denied', undefined]);
  });

  it('has types that catch mistakes', async () => {
    const types = fileURLToPath(new URL('src/surfaces/tracker/tracker.js', root));
    const use = (line: string) =>
      `import { createTracker } from ${JSON.stringify(types)};\nconst tracker = createTracker({ endpoint: '' });\n${line}\n`;
    await writeFile(
      join(folder, 'good.ts'),
      use(`tracker.shown('s', [{ itemId: 'i', element: document.body }]);
        tracker.convert('s', 'i', 'purchase', 3);
        tracker.consent = 'granted';
        const session: string | undefined = tracker.session;
        console.log(session);`),
    );
    await writeFile(join(folder, 'bad.ts'), use(`tracker.convert('s', 'i', 'bought');`));
    const check = (name: string) =>
      run(
        process.execPath,
        [
          fileURLToPath(new URL('node_modules/typescript/bin/tsc', root)),
          ...['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler'],
          ...['--lib', 'es2022,dom,dom.iterable', '--types', '', join(folder, name)],
        ],
        { cwd: folder },
      );
    await check('good.ts');
    await expect(check('bad.ts')).rejects.toMatchObject({ stdout: expect.stringContaining('"bought"') });
  });
});
