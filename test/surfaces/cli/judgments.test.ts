import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, startCli } from '../support/call-cli.ts';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

let served: ServedStudio;
let folder: string;
beforeAll(async () => {
  served = await serveStudio();
  await putBooks(served.client);
  folder = await mkdtemp(join(tmpdir(), 'judgments-'));
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

async function call(args: string): Promise<Outcome> {
  return await startCli(['judgments', ...args.split(' '), '--url', served.url], folder).ended;
}
async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return name;
}

describe('judgments on the command line', { timeout: 60_000 }, () => {
  it('are imported, gzipped or not, and listed as a table that can be imported again', async () => {
    const table = 'query\titem\tgrade\tweight\na walk\tsea\t0.5\t1\na walk\twood\t3\t2\n';
    expect(await call(`import books ${await file('a.tsv', table)} --set mine --provenance rating:me`)).toMatchObject({
      ...{ exit: 0, stdout: '', stderr: 'import: 2 judgments written\n' },
    });
    const listed = await call('list books --set mine');
    expect(listed).toMatchObject({ exit: 0, stdout: table });
    const again = await call(`import books ${await file('b.tsv.gz', gzipSync(listed.stdout))} --set again --json`);
    expect(JSON.parse(again.stdout)).toEqual({ set: 'again', written: 2, failed: 0, unknownItems: 0, errors: [] });
    const sets = await call('sets books');
    expect(sets.stdout).toMatch(/^again {2}2 judgments of 1 query {2}import {2}20.*\nmine {2}2 .*rating/);
    expect(await call('delete books --set again --yes')).toMatchObject({ exit: 0, stdout: 'Deleted 2 judgments.\n' });
  });

  it('that are none are told by line, the others are written, and the exit code is 1', async () => {
    const lines = [
      'a walk\tsea\t1',
      'half',
      'a walk\tgone\t1',
      '1 0 doc 1',
      ...Array.from({ length: 30 }, () => 'x\ty\tz'),
    ];
    const outcome = await call(`import books ${await file('bad.tsv', lines.join('\n'))} --set bad`);
    expect(outcome.exit).toBe(1);
    const told = outcome.stderr.trim().split('\n');
    expect(told[0]).toBe('import: 2 judgments written, 32 lines failed');
    expect(told[1]).toContain('bad.tsv, line 2: The line has 1 column');
    expect(told[2]).toContain('bad.tsv, line 4: This is a line of TREC qrels');
    expect(told.slice(-2)).toEqual([
      '… and 12 more; --json lists the first hundred.',
      '1 judgment of items that the collection does not hold.',
    ]);
  });

  it.each([
    ['empty.tsv', '', 'holds no judgments'],
    ['cut.tsv.gz', gzipSync('a\tb\t1\n'.repeat(1000)).subarray(0, 40), 'breaks off'],
  ])('are not read from %s', async (name, content, sentence) => {
    const outcome = await call(`import books ${await file(name, content)} --set none`);
    expect(outcome.exit).toBe(1);
    expect(outcome.stderr).toContain(sentence);
  });

  it('are made of clicks', async () => {
    for (let person = 0; person < 12; person++) {
      const user = `person ${person}`;
      const { searchId } = await served.client.search('books', { query: 'Something Quiet', user, limit: 4 });
      await served.client.sendEvents({
        events: [{ searchId: searchId as string, itemId: 'wood', type: 'click', user }],
      });
    }
    const outcome = await call('from-clicks books --set crowd --model naive position-based --half-life 30');
    expect(outcome.exit).toBe(0);
    expect(outcome.stdout).toMatch(
      /^crowd: \d judgments? of 4 pairs on 12 pages, by the model (naive|position-based)\nperplexity: /,
    );
    expect((await call('list books --set crowd')).stdout).toContain('Something Quiet\twood\t');
  });
});
