import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOOKS } from '../support/served-studio.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whatever a failing test leaves behind is ended with the file. */
const children = new Set<ChildProcess>();

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...process.env, DATABASE_URL: '' } });
  children.add(child);
  child.once('close', () => children.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece) => {
    stderr += piece;
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended, stdout: () => stdout };
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
  await writeFile(file('schema.json'), '{"fields": {"title": {"type": "txt"}}}');
  await writeFile(file('no-schema.json'), '[1]');
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('wrong calls', () => {
  /** Arguments, exit code, and what standard error says. */
  const calls: Array<[string, number, string]> = [
    ['', 2, 'Usage: embedding-studio'],
    ['serch books sea', 2, "Unknown command 'serch'"],
    ['search books', 2, "Missing required argument 'query'"],
    ['search books sea --limt 5', 2, "Unknown option '--limt'"],
    ['search books sea --limit 0', 2, 'whole number from 1 to 1000'],
    ['search books sea --filter {', 2, 'no valid JSON'],
    ['search books sea --mode magic', 2, 'Allowed choices are hybrid, vector, lexical'],
    ['search books sea --url nowhere', 2, 'is no address'],
    ['search books sea --url http://127.0.0.1:9 --data x', 2, '--url excludes --data'],
    ['search books sea --url http://127.0.0.1:9', 1, 'No server answers there'],
    ['serve --port 70000', 2, 'whole number from 0 to 65535'],
    ['import', 2, 'Name a collection and at least one file'],
    ['import books nope.ndjson', 1, 'The file nope.ndjson does not exist'],
    ['import books table.csv', 1, 'CSV files are not read'],
    ['import books books.ndjson --schema nope.json', 2, 'cannot be read'],
    ['import books books.ndjson --schema no-schema.json', 2, 'is no JSON object'],
    ['import books --dump no-dump.bin', 2, 'leave out the collection'],
    ['collections delete books', 2, 'Say --yes to do it'],
    ['collections destroy books', 2, 'There is no command "collections destroy"'],
    ['export books.ndjson', 2, 'is there already'],
  ];

  it.concurrent.each(calls)('embedding-studio %s exits with %d and says why', async (args, code, sentence) => {
    const outcome = await run(...args.split(' ').filter((word) => word !== ''));
    expect(outcome.stderr).toContain(sentence);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).toBe('');
  });

  it('are answered with JSON under --json', async () => {
    const usage = await run('search', 'books', '--json');
    expect([usage.code, JSON.parse(usage.stderr)]).toEqual([
      2,
      { error: { code: 'usage', message: "Missing required argument 'query'" } },
    ]);
    const failure = await run('import', 'books', 'table.csv', '--json');
    expect([failure.code, JSON.parse(failure.stderr).error.code]).toEqual([1, 'invalid_file']);
  });
});

// Each step opens a database and models in a process of its own, which takes its time on a busy machine.
describe('a life on the command line', { timeout: 180_000 }, () => {
  it('imports files, infers a schema and says so, lists what failed by line', async () => {
    const first = await run('import', 'books', 'books.ndjson', '--data', data);
    expect(first.stderr).toContain('title: text (embed, lexical)');
    expect(first.stderr).toContain('import: 4 items stored');
    expect(first.stderr).toContain('index: 4 items searchable');
    expect(first.code).toBe(0);
    const second = await run('import', 'books', 'more.json.gz', 'broken.ndjson', '--data', data);
    expect(second.stderr).toContain('more.json.gz, item 2: The id must be a text.');
    expect(second.stderr).toContain('broken.ndjson, line 2: The line is no valid JSON');
    expect(second.stderr).toContain('broken.ndjson, line 3 (y): The field "price"');
    expect(second.code).toBe(1);
  });

  it('moves to another directory by export and import --dump, where the doctor finds nothing wrong', async () => {
    expect(await run('export', 'all.dump', '--data', data)).toMatchObject({ code: 0 });
    expect(await run('import', '--dump', 'all.dump', '--data', 'moved')).toMatchObject({ code: 0 });
    const { code, stdout } = await run('doctor', '--data', 'moved', '--json');
    const { checks } = JSON.parse(stdout);
    const names = checks.map((check: { name: string }) => check.name);
    expect(names).toEqual(expect.arrayContaining(['node', 'data directory', 'disk', 'database', 'models']));
    expect(checks.filter((check: { outcome: string }) => check.outcome === 'fail')).toEqual([]);
    expect(code).toBe(0);
    const wrong = await run('import', '--dump', 'no-dump.bin', '--data', 'third', '--json');
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stderr.trim().split('\n').at(-1) as string).error.code).toBe('invalid_dump');
  });

  it('serves, is searched through its address, locks its directory, and stops when told', async () => {
    const server = start(['serve', '--port', '0', '--data', 'moved', '--json', '--log-level', 'error']);
    while (!server.stdout().includes('\n')) await new Promise((resolve) => setTimeout(resolve, 50));
    const { address } = JSON.parse(server.stdout());
    const [plain, json, list, show, nope, schema, locked, taken] = await Promise.all([
      run('search', 'books', 'whales', '--url', address),
      run('search', 'books', 'whales', '--url', address, '--json', '--explain', '--limit', '2'),
      run('collections', '--url', address, '--json'),
      run('collections', 'show', 'books', '--url', address),
      run('search', 'nope', 'a', '--url', address),
      run('import', 'other', 'books.ndjson', '--schema', 'schema.json', '--url', address),
      run('collections', '--data', 'moved', '--json'),
      run('serve', '--port', new URL(address).port, '--data', 'memory'),
    ]);
    expect(plain.stdout).toMatch(/1 .* new {2}A new book about whales/);
    const hits = [{ id: 'new', position: 1, explain: expect.anything() }, {}];
    expect(JSON.parse(json.stdout)).toMatchObject({ searchId: null, hits });
    expect(JSON.parse(list.stdout).collections).toMatchObject([{ name: 'books', items: 6 }]);
    expect(show.stdout).toContain('index vector (starter, ');
    expect([nope.code, nope.stderr.split('\n')[0]]).toEqual([1, 'There is no collection "nope".']);
    expect(schema.stderr).toContain('"fields.title.type" in the body must be "text"');
    expect([locked.code, JSON.parse(locked.stderr).error.code]).toEqual([1, 'data_directory_locked']);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('is in use already.')]);
    const removed = await run('collections', 'delete', 'books', '--yes', '--url', address);
    expect(removed.stdout).toBe('Deleted "books".\n');
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});
