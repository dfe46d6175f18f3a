import { open, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { EvaluationResult } from '../../../learning/evaluation/offline/evaluation-result.ts';
import { withClient } from '../connect.ts';
import { type ArmInput, parseArm } from '../evaluate/parse-arm.ts';
import { resultTable } from '../evaluate/result-table.ts';
import { waitRun } from '../wait-run.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface EvaluateOptions extends CommonOptions {
  readonly set: string;
  readonly arm?: ArmInput[];
  readonly metrics?: string[];
  readonly unjudged?: 'zero' | 'skipped';
  readonly gain?: 'linear' | 'exponential';
  readonly relevantFrom?: number;
  readonly seed?: number;
  readonly out?: string;
}

export function addEvaluate(program: Command, context: CommandContext): void {
  withPlaceOrUrl(program.command('evaluate'))
    .description('ask judged queries of one or several ways to search and compare them')
    .argument('<collection>')
    .option('--set <name>', 'judgments to measure by', 'ratings')
    .option(
      '--arm <name:key=value,...>',
      'a way to search; the first is the baseline; keys: collection, mode, lexicalWeight, memory, filter',
      (text: string, before: ArmInput[] = []) => [...before, parseArm(text)],
    )
    .option('--metrics <names>', 'with commas between, for example ndcg@10,mrr', (text) => text.split(','))
    .addOption(
      new Option('--unjudged <how>', 'hits without a judgment are worth nothing, or are not there').choices([
        'zero',
        'skipped',
      ]),
    )
    .addOption(new Option('--gain <kind>', 'what a grade is worth to nDCG').choices(['linear', 'exponential']))
    .option('--relevant-from <grade>', 'lowest grade that counts as relevant', parseNumber)
    .option('--seed <number>', 'of the resampling', parseNumber)
    .option('--out <file>', 'write a report as one HTML page')
    .action((collection: string, options: EvaluateOptions) => evaluate(context, collection, options));
}

async function evaluate(context: CommandContext, collection: string, options: EvaluateOptions): Promise<void> {
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const { set, arm: arms = [{ name: 'now' }], metrics, unjudged, gain, relevantFrom, seed, out } = options;
  // Before the work: a report that cannot be written should not show after it.
  if (out !== undefined) await (await open(out, 'a')).close();
  const { run, report } = await withClient(context.environment, options, async (client) => {
    const request = { judgments: { set }, arms, metrics, unjudged, gain, relevantFrom, seed };
    const { id } = await client.startEvaluation(collection, request);
    const ended = await waitRun(client, id, context.progress(options), stop.signal);
    return { run: ended, report: out === undefined ? null : await client.getRunReport(id) };
  });
  if (out !== undefined && report !== null) await writeFile(out, report);
  if (options.json === true) return context.printJson({ runId: run.id, ...run.result });
  context.print(resultTable(run.result as unknown as EvaluationResult));
  if (out !== undefined) context.print(`\nWrote ${out}`);
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}
