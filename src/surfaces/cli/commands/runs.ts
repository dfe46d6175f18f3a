import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Contract, contract } from '../../api/contract/contract.ts';
import type { Answer, Client } from '../../sdk/client.ts';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { waitRun } from '../wait-run.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

type RunSummary = Answer<Contract['listRuns']>['runs'][number];
type Run = Answer<Contract['getRun']>;

interface ListOptions extends CommonOptions {
  readonly collection?: string;
  readonly kind?: string;
  readonly state?: RunSummary['state'];
  readonly limit: number;
}

const STATES = contract.listRuns.query.shape.state.unwrap().options;
const PAGE = 100;

export function addRuns(program: Command, context: CommandContext): void {
  const runs = program
    .command('runs')
    .description('list, show, watch or cancel long work; without a word more, list with its options');
  withPlaceOrUrl(runs.command('list', { isDefault: true }))
    .description('runs of the last 30 days, newest first')
    .option('--collection <name>', 'of this collection alone')
    .option('--kind <kind>', 'of this kind alone, for example evaluation')
    .addOption(new Option('--state <state>', 'in this state alone').choices(STATES))
    .option('--limit <number>', 'runs to show', parseLimit, 20)
    .allowExcessArguments()
    .action((options: ListOptions, command: Command) => {
      const [word] = command.args;
      if (word !== undefined)
        throw new UsageError(`There is no command "runs ${word}".`, 'There are list, show, watch and cancel.');
      return list(context, options);
    });
  withPlaceOrUrl(runs.command('show'))
    .description('one run with its input and its result')
    .argument('<run>')
    .action((id: string, options: CommonOptions) => one(context, options, (client) => client.getRun(id)));
  withPlaceOrUrl(runs.command('cancel'))
    .description('ask for the end of a run')
    .argument('<run>')
    .action((id: string, options: CommonOptions) => one(context, options, (client) => client.cancelRun(id)));
  withPlaceOrUrl(runs.command('watch'))
    .description('show how far a run is until it has ended; interrupting leaves the run alone')
    .argument('<run>')
    .action((id: string, options: CommonOptions) => {
      const stop = new AbortController();
      context.environment.onStop(() => stop.abort());
      return one(context, options, (client) => waitRun(client, id, context.progress(options), stop.signal, 'leave'));
    });
}

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const { collection, kind, state, limit } = options;
  const runs = await withClient(context.environment, options, async (client) => {
    const found: RunSummary[] = [];
    for (let cursor: string | null | undefined; cursor !== null && found.length < limit; ) {
      const size = Math.min(PAGE, limit - found.length);
      const page = await client.listRuns({ collection, kind, state, cursor, limit: size });
      found.push(...page.runs);
      cursor = page.nextCursor;
    }
    return found;
  });
  if (options.json === true) return context.printJson({ runs });
  if (runs.length === 0) return context.print('There are no such runs.');
  for (const run of runs) context.print(lineOf(run));
}

async function one(
  context: CommandContext,
  options: CommonOptions,
  ask: (client: Client) => Promise<Run>,
): Promise<void> {
  const run = await withClient(context.environment, options, ask);
  if (options.json === true) return context.printJson(run);
  context.print(lineOf(run));
  context.print(`  begun ${run.attempts} ${run.attempts === 1 ? 'time' : 'times'}; ended ${run.endedAt ?? 'not yet'}`);
  if (run.cancelRequested && run.endedAt === null) context.print('  it shall end: its work has not noticed yet');
  if (run.error !== null) context.print(`  ${run.error.code}: ${run.error.message} ${run.error.hint ?? ''}`.trimEnd());
  context.print(`  input ${JSON.stringify(run.input)}`);
  if (run.result !== null) context.print(`  result ${JSON.stringify(run.result)}`);
}

function lineOf({ id, kind, collection, state, progress, createdAt }: RunSummary): string {
  const { done, total, message } = (progress ?? {}) as { done?: number; total?: number | null; message?: string };
  const far = done === undefined ? '' : `  ${done}${total === null ? '' : ` of ${total}`} ${message ?? ''}`.trimEnd();
  return `${id}  ${kind}  ${collection ?? '-'}  ${state}${state === 'running' ? far : ''}  ${createdAt}`;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.');
  return limit;
}
