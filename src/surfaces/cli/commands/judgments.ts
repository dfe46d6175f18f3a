import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLICK_MODELS } from '../../../learning/judgments/click-models/click-model-names.ts';
import type { FromClicksResult } from '../../../learning/judgments/from-clicks/judgments-from-clicks.ts';
import type { Judgment } from '../../../learning/judgments/judgment.ts';
import { judgmentHeader, writeJudgmentLine } from '../../../learning/judgments/judgment-lines.ts';
import type { Contract } from '../../api/contract/contract.ts';
import type { Answer, Client } from '../../sdk/client.ts';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { type ImportedJudgments, importJudgmentsFile } from '../judgments/import-judgments.ts';
import { waitRun } from '../wait-run.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface SetOptions extends CommonOptions {
  readonly set: string;
  readonly query?: string;
}

interface ClickOptions extends CommonOptions {
  readonly set: string;
  readonly model?: Array<(typeof CLICK_MODELS)[number]>;
  readonly minSupport?: number;
  readonly halfLife?: number;
  readonly from?: string;
  readonly to?: string;
  readonly batch?: string;
  readonly anonymity?: number;
}

const SHOWN_ERRORS = 20;
const PAGE = 1000;

export function addJudgments(program: Command, context: CommandContext): void {
  const judgments = program
    .command('judgments')
    .description('import, list and delete judgments, or make them of clicks');
  withPlaceOrUrl(judgments.command('import'))
    .description('import a table of query TAB item TAB grade [TAB weight], gzipped or not')
    .argument('<collection>')
    .argument('<file>')
    .option('--set <name>', 'set to write into', 'ratings')
    .option('--provenance <text>', 'who has judged, rating:<who>, or where it comes from, import:<what>', 'import:file')
    .action((collection: string, file: string, options: SetOptions & { provenance: string }) =>
      importTable(context, collection, file, options),
    );
  withPlaceOrUrl(judgments.command('list'))
    .description('a set as such a table')
    .argument('<collection>')
    .option('--set <name>', 'set to list', 'ratings')
    .option('--query <text>', 'of this query alone')
    .action((collection: string, options: SetOptions) => list(context, collection, options));
  withPlaceOrUrl(judgments.command('sets'))
    .description('the sets of a collection')
    .argument('<collection>')
    .action((collection: string, options: CommonOptions) => listSets(context, collection, options));
  withPlaceOrUrl(judgments.command('delete'))
    .description('delete a set, or what it says of one query')
    .argument('<collection>')
    .requiredOption('--set <name>', 'set to delete')
    .option('--query <text>', 'of this query alone')
    .option('--yes', 'really')
    .action((collection: string, options: SetOptions & { yes?: boolean }) => remove(context, collection, options));
  withPlaceOrUrl(judgments.command('from-clicks'))
    .description('make a set of judgments of the clicks in the log')
    .argument('<collection>')
    .option('--set <name>', 'set to replace', 'clicks')
    .addOption(new Option('--model <names...>', 'click models to choose from').choices([...CLICK_MODELS]))
    .option('--min-support <looks>', 'leave out pairs with fewer looks', parseNumber)
    .option('--half-life <days>', 'a page counts half as much for each of them', parseNumber)
    .option('--from <moment>', 'searches from then on, for example 2026-01-31T00:00:00Z')
    .option('--to <moment>', 'searches before')
    .option('--batch <id>', 'searches of one batch')
    .option('--anonymity <clients>', 'leave out queries that fewer clients asked', parseNumber)
    .action((collection: string, options: ClickOptions) => fromClicks(context, collection, options));
}

async function importTable(
  context: CommandContext,
  collection: string,
  file: string,
  options: SetOptions & { provenance: string },
): Promise<void> {
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const { set, provenance } = options;
  const target = { collection, set, provenance };
  const result = await withClient(context.environment, options, (client) =>
    importJudgmentsFile(client, file, target, context.progress(options), stop.signal),
  );
  if (options.json === true) context.printJson(result);
  else reportImport(context, file, result);
  if (result.failed > 0) context.setExitCode(1);
}

function reportImport(
  context: CommandContext,
  file: string,
  { errors, failed, unknownItems }: ImportedJudgments,
): void {
  const { stderr } = context.environment;
  for (const { line, message } of errors.slice(0, SHOWN_ERRORS)) stderr.write(`${file}, line ${line}: ${message}\n`);
  const more = failed - Math.min(errors.length, SHOWN_ERRORS);
  if (more > 0) stderr.write(`… and ${more} more; --json lists the first hundred.\n`);
  if (unknownItems > 0)
    stderr.write(`${count(unknownItems, 'judgment')} of items that the collection does not hold.\n`);
}

async function list(context: CommandContext, collection: string, options: SetOptions): Promise<void> {
  const { set, query, json = false } = options;
  const all: Judgment[] = [];
  if (!json) context.print(judgmentHeader());
  await withClient(context.environment, options, async (client) => {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await client.listJudgments(collection, { set, query, cursor, limit: PAGE });
      if (json) all.push(...page.judgments);
      else for (const judgment of page.judgments) context.print(writeJudgmentLine(judgment));
      cursor = page.nextCursor;
    }
  });
  if (json) context.printJson({ judgments: all });
}

async function listSets(context: CommandContext, collection: string, options: CommonOptions): Promise<void> {
  const sets = await withClient(context.environment, options, (client) => allSets(client, collection));
  if (options.json === true) return context.printJson({ sets });
  if (sets.length === 0)
    return context.print('There are no judgments yet. `embedding-studio judgments import` reads some.');
  for (const { set, judgments, queries, provenance, updatedAt } of sets)
    context.print(
      `${set}  ${count(judgments, 'judgment')} of ${queries} ${queries === 1 ? 'query' : 'queries'}  ${provenance.join(', ')}  ${updatedAt}`,
    );
}

async function allSets(client: Client, collection: string): Promise<Answer<Contract['listJudgmentSets']>['sets']> {
  const sets: Answer<Contract['listJudgmentSets']>['sets'] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.listJudgmentSets(collection, { cursor });
    sets.push(...page.sets);
    cursor = page.nextCursor;
  }
  return sets;
}

async function remove(
  context: CommandContext,
  collection: string,
  options: SetOptions & { yes?: boolean },
): Promise<void> {
  const { set, query } = options;
  if (options.yes !== true)
    throw new UsageError(`This would delete judgments of the set "${set}".`, 'Say --yes to do it.');
  const { deleted } = await withClient(context.environment, options, (client) =>
    client.deleteJudgments(collection, { set, query }),
  );
  if (options.json === true) context.printJson({ deleted });
  else context.print(`Deleted ${count(deleted, 'judgment')}.`);
}

async function fromClicks(context: CommandContext, collection: string, options: ClickOptions): Promise<void> {
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const { set, from, to, anonymity } = options;
  const input = {
    ...{ set, from, to, anonymity, models: options.model, batchId: options.batch },
    ...{ minimumSupport: options.minSupport, halfLifeDays: options.halfLife },
  };
  const { result } = await withClient(context.environment, options, async (client) => {
    const { id } = await client.judgeFromClicks(collection, input);
    return await waitRun(client, id, context.progress(options), stop.signal);
  });
  if (options.json === true) return context.printJson(result);
  const { model, perplexities, pages, pairs, written, leftOut } = result as unknown as FromClicksResult;
  context.print(
    `${set}: ${count(written, 'judgment')} of ${count(pairs, 'pair')} on ${count(pages, 'page')}, by the model ${model}`,
  );
  context.print(`perplexity: ${perplexities.map((one) => `${one.model} ${one.perplexity.toFixed(4)}`).join(', ')}`);
  const reasons = Object.entries(leftOut).filter(([, count]) => count > 0);
  if (reasons.length > 0)
    context.print(`left out: ${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')}`);
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}
