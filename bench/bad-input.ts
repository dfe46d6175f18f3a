/**
 * What wrong requests, wrong calls of the command line and wrong files are answered: the table that the tests check.
 *   node bench/bad-input.ts [--width 100]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../demo/table.ts';
import { faultOf, startCli, wordsOf } from '../test/surfaces/support/call-cli.ts';
import { putBooks, send, serveStudio } from '../test/surfaces/support/served-studio.ts';
import { layOut, WRONG_CALLS, WRONG_FILES, WRONG_LINES } from '../test/surfaces/support/wrong-calls.ts';
import { MAX_BODY_BYTES, WRONG_REQUESTS } from '../test/surfaces/support/wrong-requests.ts';

const { values: options } = parseArgs({ options: { width: { type: 'string', default: '110' } } });
const width = Number(options.width);
const short = (text: string, most: number): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
};
const print = (title: string, rows: ReadonlyArray<readonly string[]>): void =>
  void process.stdout.write(`${table([title, 'status', 'code', 'sentence'], rows, 'left')}\n\n`);

const folder = await mkdtemp(join(tmpdir(), 'bad-input-'));
const served = await serveStudio({ limits: { maxBodyBytes: MAX_BODY_BYTES } });
try {
  await putBooks(served.client);
  await putBooks(served.client, 'some');
  await layOut(folder);

  const requests: string[][] = [];
  for (const [request, body, , , headers] of WRONG_REQUESTS) {
    const [method = '', path = ''] = request.split(' ');
    const { status, body: answer } = await send(served.url, method, path, body, headers);
    const asked = `${request} ${typeof body === 'string' ? body : (JSON.stringify(body) ?? '')}`;
    const { code = '', message = '' } = answer.error ?? {};
    requests.push([short(asked, 70), String(status), code, short(message, width)]);
  }
  print('request', requests);

  const call = async (args: string, file: string): Promise<string[]> => {
    const outcome = await startCli([...wordsOf(args, served.url, file), '--json'], folder).ended;
    const { code, sentence } = faultOf(outcome);
    const shown = wordsOf(args, 'http://…', file).join(' ');
    return [short(`embedding-studio ${shown}`, 70), `exit ${outcome.exit}`, code, short(sentence, width)];
  };
  const calls: string[][] = [];
  for (const [args] of WRONG_CALLS) calls.push(await call(args, ''));
  print('call', calls);
  const files: string[][] = [];
  for (const [name, , args] of [...WRONG_FILES, ...WRONG_LINES]) files.push(await call(args, name));
  print('file', files);
  process.stdout.write(
    `${requests.length} requests, ${calls.length} calls and ${files.length} files: none was taken for a good one.\n`,
  );
} finally {
  await served.close();
  await rm(folder, { recursive: true, force: true });
}
