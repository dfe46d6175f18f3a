import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArm } from '../../../src/surfaces/cli/evaluate/parse-arm.ts';
import { startCli } from '../support/call-cli.ts';
import { putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';

let folder: string;
let served: ServedStudio;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
  served = await serveStudio();
  await putBooks(served.client);
  await served.client.putJudgments('books', {
    judgments: [
      { query: 'ship', itemId: 'sea', grade: 2 },
      { query: 'forest', itemId: 'wood', grade: 2 },
    ],
  });
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

const call = (...args: string[]) => startCli([...args, '--url', served.url], folder).ended;

describe('embedding-studio evaluate', { timeout: 120_000 }, () => {
  it('prints a table and writes a report', async () => {
    const words = ['evaluate', 'books', '--arm', 'now', '--arm', 'words:mode=lexical', '--metrics', 'mrr,recall@5'];
    const { exit, stdout } = await call(...words, '--out', 'report.html');
    expect(exit).toBe(0);
    expect(stdout).toContain('2 queries, 2 judgments');
    expect(stdout).toMatch(/^mrr +mean/m);
    expect(stdout).toMatch(/^words +[01]\.\d{4} /m);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('words against now');
  });

  it('gives everything as JSON, and the run is there to be listed and shown', async () => {
    const { exit, stdout } = await call('evaluate', 'books', '--json');
    const result = JSON.parse(stdout);
    expect([exit, result.queries, result.arms.length]).toEqual([0, 2, 1]);
    expect((await call('runs', '--state', 'done')).stdout).toContain(`${result.runId}  evaluation  books  done`);
    expect((await call('runs', 'watch', result.runId)).stdout).toContain('result {');
    const shown = JSON.parse((await call('runs', 'show', result.runId, '--json')).stdout);
    expect(shown).toMatchObject({ id: result.runId, input: { judgments: { set: 'ratings' } } });
    const cancelled = await call('runs', 'cancel', result.runId, '--json');
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ state: 'done' });
  });
});

describe('an arm on the command line', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  it('is read back as it was written, whatever its filter holds', () => {
    fc.assert(
      fc.property(json, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (value, memory, weight) => {
        const filter = { term: { field: value } };
        const text = `a name:filter=${JSON.stringify(filter)},memory=${memory},lexicalWeight=${weight},mode=vector`;
        expect(parseArm(text)).toEqual({
          name: 'a name',
          filter: JSON.parse(JSON.stringify(filter)),
          memory,
          lexicalWeight: Number(String(weight)),
          mode: 'vector',
        });
      }),
    );
  });

  it.each([
    ['', 'has no name'],
    [':mode=vector', 'has no name'],
    ['a:mode', 'where key=value should be'],
    ['a:mode=vector,', 'where key=value should be'],
    ['a:mode=magic', 'it must be hybrid, vector, lexical'],
    ['a:mode=vector,mode=vector', 'twice'],
    ['a:lexicalWeight=2', 'a number from 0 to 1'],
    ['a:lexicalWeight=', 'a number from 0 to 1'],
    ['a:memory=no', 'true or false'],
    ['a:filter={', 'a filter in JSON'],
    ['a:collection=', 'the name of a collection'],
    ['a:toString=1', 'the unknown key "toString"'],
  ])('%j is refused', (text, sentence) => {
    expect(() => parseArm(text)).toThrow(sentence);
  });
});
