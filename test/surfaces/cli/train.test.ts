import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/serving/encoders/onnx-encoder.ts';
import { PAIRS } from '../../learning/training/support/starter-run.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `train` in a folder; `onText` sees standard error as it comes. */
async function train(
  folder: string,
  args: readonly string[],
  onText: (text: string, interrupt: () => void) => void = () => {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [main, 'train', ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
    onText(stderr, () => void child.kill('SIGINT'));
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

async function folderWithFiles(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'pairs.tsv'), PAIRS.map(({ query, item }) => `${query}\t${item}`).join('\n'));
  await writeFile(
    join(folder, 'pairs.ndjson'),
    PAIRS.map((pair) => JSON.stringify({ ...pair, weight: 2, negatives: ['a book'] })).join('\n'),
  );
  await writeFile(
    join(folder, 'scores.tsv'),
    PAIRS.map(({ query, item }, at) => `${query}\t${item}\t${at / 10}`).join('\n'),
  );
  await writeFile(join(folder, 'texts.txt'), PAIRS.map(({ item }) => item).join('\n'));
  await writeFile(join(folder, 'broken.tsv'), 'one\ttwo\tthree\n');
  await writeFile(join(folder, 'empty.tsv'), '');
  return folder;
}

const SHORT = ['--steps', '3', '--batch', '4'];
const SHORT_PAIRS = [...SHORT, '--items', '6'];
const eventsOf = (stderr: string): Array<{ type: string; step?: number }> =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event);

describe('embedding-studio train', { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    expect(await readdir(new URL('../../../models', import.meta.url))).toContain('starter');
  });

  it('trains from a file of pairs into a folder that can be searched with, and says how far it is', async () => {
    folder = await folderWithFiles();
    const outcome = await train(folder, ['--pairs', 'pairs.tsv', '--out', 'mine', ...SHORT_PAIRS]);
    expect(outcome.stderr).toMatch(/9,477,\d{3} weights are trained; needs about \d+ (MB|GB)\./);
    expect(outcome.stderr).toMatch(/train: 3 steps in [\d.]+ s, loss [\d.]+/);
    expect(outcome.stdout).toBe(`Wrote ${join(folder, 'mine')}\n`);
    expect(outcome.code).toBe(0);
    const encoder = await createEncoder(join(folder, 'mine'));
    expect((await encoder.encodeQueries([{ text: 'rain' }]))[0]).toHaveLength(384);
    await encoder.close();
    const again = await train(folder, ['--pairs', 'pairs.tsv', '--out', 'mine', ...SHORT_PAIRS]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);
  });

  it('answers with JSON, an event a line', async () => {
    folder = await folderWithFiles();
    const args = ['--pairs', 'pairs.ndjson', '--recipe', 'adapter', '--out', 'adapter', '--json', ...SHORT_PAIRS];
    const { code, stdout, stderr } = await train(folder, args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'finished',
      step: 3,
      losses: [{}, {}, {}].map(() => expect.any(Number)),
    });
    expect(eventsOf(stderr).map(({ type }) => type)).toEqual([
      'started',
      'step',
      'step',
      'step',
      'checkpointed',
      'finished',
    ]);
    expect(await readdir(join(folder, 'adapter'))).toContain('query-adapter.onnx');
  });

  it('stops at an interrupt with a checkpoint, and goes on from it', async () => {
    folder = await folderWithFiles();
    const args = ['--pairs', 'pairs.tsv', '--out', 'mine', '--batch', '4', '--items', '6', '--json'];
    let interrupted = false;
    const stopped = await train(folder, [...args, '--steps', '400'], (text, interrupt) => {
      if (interrupted || !text.includes('"step":2,')) return;
      interrupted = true;
      interrupt();
    });
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'cancelled', folder: null });
    const { step } = eventsOf(stopped.stderr).at(-1) as { step: number };
    expect((await readdir(folder)).filter((name) => name.startsWith('mine'))).toEqual(['mine.checkpoint']);

    const other = await train(folder, [...args, '--steps', '5', '--resume']);
    expect(JSON.parse(other.stderr).error.code).toBe('invalid_checkpoint');
    const resumed = await train(folder, [...args, '--steps', '400', '--resume'], (text, interrupt) => {
      if (text.includes(`"step":${step + 1},`)) interrupt();
    });
    expect(eventsOf(resumed.stderr)[0]).toMatchObject({ type: 'started', firstStep: step });
  });

  it('learns scores, and a student learns from its teacher', async () => {
    folder = await folderWithFiles();
    const scores = await train(folder, ['--scores', 'scores.tsv', '--out', 'scores', ...SHORT]);
    expect([scores.code, scores.stderr]).toEqual([0, expect.stringContaining('3 steps')]);
    const distill = ['--distill', 'starter', '--texts', 'texts.txt', '--keep-layers', '0,2', '--table-rank', '32'];
    const student = await train(folder, [...distill, '--storage', 'int8', '--out', 'student', ...SHORT]);
    expect([student.code, student.stderr]).toEqual([0, expect.stringContaining('3 steps')]);
    const card = JSON.parse(await readFile(join(folder, 'student', 'card.json'), 'utf8'));
    expect(card.lineage.recipe).toMatchObject({ keepLayers: [0, 2], tableRank: 32 });
  });

  it('says what is wrong with a call', async () => {
    folder = await folderWithFiles();
    const calls: Array<[string, number, string]> = [
      ['--pairs pairs.tsv', 2, "Required option '--out <folder>'"],
      ['--out x', 2, 'Give one of --pairs, --scores, --distill and --pictures'],
      ['--out x --pairs pairs.tsv --scores scores.tsv', 2, 'Give one of'],
      ['--out x --distill starter', 2, '--distill needs --texts'],
      ['--out x --pairs nope.tsv', 1, 'The file nope.tsv does not exist'],
      ['--out x --pairs empty.tsv', 1, 'is empty'],
      ['--out x --pairs broken.tsv', 1, 'broken.tsv, line 1: weight is wrong'],
      ['--out x --pairs pairs.tsv --model nope', 1, 'There is no model "nope"'],
      ['--out x --pairs pairs.tsv --recipe magic', 2, 'Allowed choices are encoder'],
      ['--out x --pairs pairs.tsv --recipe adapter --layers 2', 2, '--layers has no meaning'],
      ['--out x --pairs pairs.tsv --steps 0', 2, 'a whole number above 0'],
      ['--out x --scores scores.tsv --chunk 2', 1, 'has no meaning for training from scores'],
      ['--out x --pairs pairs.tsv --loss cosent', 2, 'There is no loss "cosent" for pairs'],
      ['--out x --pairs pairs.tsv --memory-limit 10MB', 1, 'and 10 MB are allowed'],
      ['--out x --pairs pairs.tsv --memory-limit much', 2, 'a size like 4GB'],
      ['--out x --pairs pairs.tsv --model starter-image', 1, 'reads pictures'],
    ];
    for (const [args, code, sentence] of calls) {
      const outcome = await train(folder, args.split(' '));
      expect([args, outcome.code, outcome.stderr]).toEqual([args, code, expect.stringContaining(sentence)]);
    }
  });
});
