import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, type Outcome, startCli } from '../support/call-cli.ts';
import { BOOKS } from '../support/served-studio.ts';

/** Whatever a failing test leaves behind is ended with the file. */
const children = new Set<ChildProcess>();

function start(args: readonly string[]): CliProcess {
  const process = startCli(args, folder);
  children.add(process.child);
  process.child.once('close', () => children.delete(process.child));
  return process;
}
const run = (...args: string[]): Promise<Outcome> => start(args).ended;

let folder: string;
let data: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  data = file('data');
  await writeFile(file('books.ndjson'), BOOKS.map((book) => JSON.stringify(book)).join('\n'));
  await writeFile(
    file('more.json.gz'),
    gzipSync(JSON.stringify([{ id: 'new', title: 'A new book about whales' }, { title: 'no id' }])),
  );
  await writeFile(file('broken.ndjson'), '{"id":"x","title":"fine"}\n{"id":\n{"id":"y","price":"cheap"}\n');
  await writeFile(file('table.csv'), 'id,title\n1,Sea\n');
  await writeFile(file('no-dump.bin'), 'this is no dump');
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('a wrong call', () => {
  it.concurrent.each([
    ['', 2, 'Usage: embedding-studio'],
    ['serch books sea', 2, "Unknown command 'serch'"],
    ['search books sea --limit', 2, 'argument missing'],
    ['import books table.csv', 1, 'CSV files are not read'],
  ])('embedding-studio %s exits with %d and says why, in words', async (args, exit, sentence) => {
    const outcome = await run(...args.split(' ').filter((word) => word !== ''));
    expect(outcome.stderr).toContain(sentence);
    expect([outcome.exit, outcome.stdout]).toEqual([exit, '']);
  });

  it.concurrent.each(['--help', 'serve --help', 'help import', '--version'])('%s is none', async (args) => {
    const outcome = await run(...args.split(' '));
    expect([outcome.exit, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toMatch(/Usage: embedding-studio|^\d+\.\d+\.\d+\n$/);
  });
});

// Each step opens a database and models in a process of its own, which takes its time on a busy machine.
describe('a life on the command line', { timeout: 180_000 }, () => {
  it('imports files, infers a schema and says so, lists what failed by line', async () => {
    const first = await run('import', 'books', 'books.ndjson', '--data', data);
    expect(first.stderr).toContain('title: text (embed, lexical)');
    expect(first.stderr).toContain('import: 4 items stored');
    expect(first.stderr).toContain('index: 4 items searchable');
    expect(first.exit).toBe(0);
    const second = await run('import', 'books', 'more.json.gz', 'broken.ndjson', '--data', data);
    expect(second.stderr).toContain('more.json.gz, item 2: The id must be a text.');
    expect(second.stderr).toContain('broken.ndjson, line 2: The line is no valid JSON');
    expect(second.stderr).toContain('broken.ndjson, line 3 (y): The field "price"');
    expect(second.exit).toBe(1);
  });

  it('moves to another directory by export and import --dump, where the doctor finds nothing wrong', async () => {
    expect(await run('export', 'all.dump', '--data', data)).toMatchObject({ exit: 0 });
    expect(await run('import', '--dump', 'all.dump', '--data', 'moved')).toMatchObject({ exit: 0 });
    const { exit, stdout } = await run('doctor', '--data', 'moved', '--json');
    const { checks } = JSON.parse(stdout);
    const names = checks.map((check: { name: string }) => check.name);
    expect(names).toEqual(expect.arrayContaining(['node', 'data directory', 'disk', 'database', 'models']));
    expect(checks.filter((check: { outcome: string }) => check.outcome === 'fail')).toEqual([]);
    expect(exit).toBe(0);
    const wrong = await run('import', '--dump', 'no-dump.bin', '--data', 'third', '--json');
    expect(wrong.exit).toBe(1);
    expect(JSON.parse(wrong.stderr.trim().split('\n').at(-1) as string).error.code).toBe('invalid_dump');
  });

  it('ends an import in order on Ctrl+C, says how far it got, and goes on from there', async () => {
    const lines = Array.from({ length: 6000 }, (_, index) =>
      JSON.stringify({ id: `i${index}`, title: `Item ${index}` }),
    );
    await writeFile(file('many.ndjson'), lines.join('\n'));
    const args = ['import', 'many', 'many.ndjson', '--data', 'stopped', '--json'];
    const stopped = start(args);
    while (!stopped.stderr().includes('"running"')) await new Promise((resolve) => setTimeout(resolve, 20));
    stopped.child.kill('SIGINT');
    const { exit, stdout, stderr } = await stopped.ended;
    expect([exit, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr.trim().split('\n').at(-1) as string).error).toMatchObject({
      code: 'shutting_down',
      message: expect.stringMatching(/^Stopped: /),
    });
    const second = await run(...args, '--no-wait');
    const { accepted, unchanged } = JSON.parse(second.stdout);
    expect([second.exit, accepted]).toEqual([0, 6000]);
    expect(unchanged).toBeGreaterThan(0);
  });

  it('serves, is searched through its address, locks its directory, and stops when told', async () => {
    const server = start(['serve', '--port', '0', '--data', 'moved', '--json', '--log-level', 'error']);
    while (!server.stdout().includes('\n')) await new Promise((resolve) => setTimeout(resolve, 50));
    const { address } = JSON.parse(server.stdout());
    const [plain, json, list, show, nope, locked, taken] = await Promise.all([
      run('search', 'books', 'whales', '--url', address, '--explain'),
      run('search', 'books', 'whales', '--url', address, '--json', '--explain', '--limit', '2'),
      run('collections', '--url', address, '--json'),
      run('collections', 'show', 'books', '--url', address),
      run('search', 'nope', 'a', '--url', address),
      run('collections', '--data', 'moved', '--json'),
      run('serve', '--port', new URL(address).port, '--data', 'memory'),
    ]);
    expect(plain.stdout).toMatch(/1 .* new {2}A new book about whales/);
    expect(plain.stdout).toMatch(/= words 0\.\d{3} \(BM25 .*\) \+ 0\.\d{3} meaning \(similarity .*, starter\)/);
    const hits = [{ id: 'new', position: 1, explain: expect.anything() }, {}];
    expect(JSON.parse(json.stdout)).toMatchObject({ searchId: null, hits });
    expect(JSON.parse(list.stdout).collections).toMatchObject([{ name: 'books', items: 6 }]);
    expect(show.stdout).toContain('index vector (starter, ');
    expect([nope.exit, nope.stderr.split('\n')[0]]).toEqual([1, 'There is no collection "nope".']);
    expect([locked.exit, JSON.parse(locked.stderr).error.code]).toEqual([1, 'data_directory_locked']);
    expect([taken.exit, taken.stderr]).toEqual([1, expect.stringContaining('is in use already.')]);
    const removed = await run('collections', 'delete', 'books', '--yes', '--url', address);
    expect(removed.stdout).toBe('Deleted "books".\n');
    server.child.kill('SIGTERM');
    expect((await server.ended).exit).toBe(0);
  });
});
