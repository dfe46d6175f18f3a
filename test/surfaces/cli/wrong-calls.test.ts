import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf, startCli, wordsOf } from '../support/call-cli.ts';
import { BOOKS, putBooks, type ServedStudio, serveStudio } from '../support/served-studio.ts';
import { layOut, WRONG_CALLS, WRONG_FILES, WRONG_LINES } from '../support/wrong-calls.ts';

let folder: string;
let served: ServedStudio;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wrong-calls-'));
  served = await serveStudio();
  await putBooks(served.client);
  await layOut(folder);
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

const call = (args: string, file?: string) => startCli([...wordsOf(args, served.url, file), '--json'], folder).ended;

// Each is a process of its own, which takes its time on a busy machine.
describe('the command line', { timeout: 120_000 }, () => {
  it.each(WRONG_CALLS)('answers %s with exit code %d and %s', async (args, exit, code, sentence) => {
    const outcome = await call(args);
    const fault = faultOf(outcome);
    expect(fault.sentence).toContain(sentence);
    expect([outcome.exit, fault.code, outcome.stdout]).toEqual([exit, code, '']);
    expect(outcome.stderr).not.toContain('secret');
  });

  it.each(WRONG_FILES)('refuses %s', async (name, _content, args, code, sentence) => {
    const outcome = await call(args, name);
    const fault = faultOf(outcome);
    expect(fault.sentence).toContain(sentence);
    expect([outcome.exit, fault.code, outcome.stdout]).toEqual([1, code, '']);
  });

  it('has changed nothing by all that', async () => {
    const { collections } = await served.client.listCollections();
    expect(collections.map((collection) => collection.name)).toEqual(['books']);
    const { items } = await served.client.listItems('books');
    expect(items.map((item) => item.id)).toEqual(BOOKS.map((book) => book.id));
  });

  it.each(WRONG_LINES)('takes the good item of %s and says what is wrong with the other', async (...line) => {
    const [name, , args, code, sentence] = line;
    await putBooks(served.client, 'some');
    const outcome = await call(args, name);
    const fault = faultOf(outcome);
    expect(fault.sentence).toContain(sentence);
    expect([outcome.exit, fault.code]).toEqual([1, code]);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ accepted: 1, failed: 1 });
  });
});
