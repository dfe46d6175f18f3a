import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/foundation/config/settings.ts';
import { type ServedStudio, serveStudio } from './support/served-studio.ts';

const guides = new URL('../../docs/guides/', import.meta.url);
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** In the order in which they build on each other. */
const GUIDES = [
  'import.md',
  'search.md',
  'tracking.md',
  'feedback.md',
  'feedback-memory.md',
  'exploration.md',
  'profiles.md',
  'judgments.md',
  'evaluation.md',
  'runs.md',
  'analytics.md',
  'privacy.md',
];
const run = promisify(execFile);

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasCurl) console.log('skipped: no curl (the commands of the guides)');

it('the guide to operation names every setting', async () => {
  const text = await readFile(new URL('operation.md', guides), 'utf8');
  for (const { variable } of Object.values(SETTINGS)) expect(text).toContain(`\`${variable}\``);
});

describe.skipIf(!hasCurl)('every command of the guides runs as it stands there', { timeout: 120_000 }, () => {
  let folder: string;
  let served: ServedStudio;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guides-'));
    served = await serveStudio();
  });
  afterAll(async () => {
    await served.close();
    await rm(folder, { recursive: true });
  });

  it('one after the other', async () => {
    const commands: string[] = [];
    for (const name of GUIDES) {
      const text = await readFile(new URL(name, guides), 'utf8');
      commands.push(...[...text.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1] as string));
    }
    expect(commands.length).toBeGreaterThan(6);
    const script = [
      'set -euo pipefail',
      'curl() { command curl --silent --show-error --fail-with-body "$@"; }',
      'embedding-studio() { "$NODE" "$MAIN" "$@"; }',
      ...commands,
    ].join('\n');
    const { port } = new URL(served.url);
    const { stdout } = await run('bash', ['-c', script.replaceAll('localhost:4242', `127.0.0.1:${port}`)], {
      cwd: folder,
      env: { ...process.env, NODE: process.execPath, MAIN: main },
    });
    expect(stdout).not.toContain('"error":{');
    expect(stdout).not.toContain('"rejected":[{');
  });
});
