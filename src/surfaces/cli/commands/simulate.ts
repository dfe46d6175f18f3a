import { type Command, InvalidArgumentError } from 'commander';
import { PERSONAS, type Persona } from '../../../learning/evaluation/simulator/personas.ts';
import type { PopulationOptions } from '../../../learning/evaluation/simulator/population.ts';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { readJudgedQueries } from '../simulate/judged-queries.ts';
import { simulate } from '../simulate/simulate.ts';
import type { SimulationReport, VisitCounts } from '../simulate/simulation-tally.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface SimulateCliOptions extends CommonOptions {
  readonly set: string;
  readonly sessions: number;
  readonly seed: number;
  readonly shoppers?: number;
  readonly personas?: readonly Persona[];
  readonly noise?: number;
  readonly robots: number;
  readonly poisoners: number;
  readonly push?: readonly string[];
  readonly rate?: number;
  readonly speed: number;
}

const MOST_SESSIONS = 1_000_000;
const MOST_SHOPPERS = 100_000;

/** As shells say it of a process that an interrupt ended. */
const EXIT_INTERRUPTED = 130;

export function addSimulate(program: Command, context: CommandContext): void {
  withPlaceOrUrl(program.command('simulate'))
    .description('let simulated visitors ask the queries of a judgment set and click; what they leave is real feedback')
    .argument('<collection>')
    .requiredOption('--set <name>', 'judgment set: its queries are asked, its grades attract clicks')
    .option('--sessions <count>', 'visits, of one search each', count(1, MOST_SESSIONS), 200)
    .option('--seed <number>', 'same seed, same visitors', count(0, 2 ** 31 - 1), 1)
    .option('--shoppers <count>', 'people who share the visits; a third as many when left out', count(1, MOST_SHOPPERS))
    .option('--personas <names>', `of ${PERSONAS.map(({ name }) => name).join(', ')}; all when left out`, personas)
    .option('--noise <share>', 'looks that become clicks whatever the item is', share)
    .option('--robots <share>', 'visits of a robot that clicks everything', share, 0)
    .option('--poisoners <share>', 'visits of a few guests who click what --push names', share, 0)
    .option('--push <ids>', 'items that poisoners click, commas between', (text) => text.split(',').filter(Boolean))
    .option('--rate <number>', 'visits that begin in a second; as fast as answers come when left out', positive)
    .option('--speed <factor>', 'how many times faster than people visitors look, click and stay', positive, 1)
    .action((collection: string, options: SimulateCliOptions) => run(context, collection, options));
}

async function run(context: CommandContext, collection: string, options: SimulateCliOptions): Promise<void> {
  const people = populationOf(options);
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const progress = context.progress(options);
  const report = await withClient(context.environment, options, async (client) => {
    const queries = await readJudgedQueries(client, collection, options.set);
    progress.start('visits', options.sessions);
    const result = await simulate(client, collection, {
      queries,
      sessions: options.sessions,
      population: people,
      rate: options.rate,
      speed: options.speed,
      signal: stop.signal,
      onProgress: (done, { total }) => progress.update(done, `${total.searches} searches, ${total.clicks} clicks`),
    });
    progress.finish(
      `${result.total.searches} searches, ${result.events} events${stop.signal.aborted ? ', stopped' : ''}`,
    );
    return result;
  });
  if (stop.signal.aborted) context.setExitCode(EXIT_INTERRUPTED);
  if (options.json === true) context.printJson(report);
  else context.print(present(report));
}

function populationOf(options: SimulateCliOptions): PopulationOptions {
  const { seed, sessions, robots, poisoners, push, noise } = options;
  if (robots + poisoners > 1)
    throw new UsageError('--robots and --poisoners are shares of all visits: together at most 1.');
  if (poisoners > 0 && push === undefined)
    throw new UsageError('Poisoners need something to push.', 'Name the items with --push a,b.');
  const chosen = options.personas ?? PERSONAS;
  return {
    seed,
    shoppers: options.shoppers ?? Math.min(MOST_SHOPPERS, Math.max(1, Math.ceil(sessions / 3))),
    personas: noise === undefined ? chosen : chosen.map((persona) => ({ ...persona, noise })),
    robotShare: robots,
    poisonerShare: poisoners,
    pushed: new Set(push),
  };
}

function present({ total, kinds, refused, refusal }: SimulationReport): string {
  const head = ['', 'searches', 'clicks', 'clicked', 'carts', 'purchases'];
  const cells = (name: string, counts: VisitCounts): string[] => [
    name,
    String(counts.searches),
    String(counts.clicks),
    `${(100 * counts.clickRate).toFixed(1)} %`,
    String(counts.carts),
    String(counts.purchases),
  ];
  const rows = [head, ...Object.entries(kinds).map(([kind, counts]) => cells(kind, counts)), cells('all', total)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number);
  const lines = rows.map((row) => row.map(pad).join('  ').trimEnd());
  return [...lines, ...(refused === 0 ? [] : [`Warning: ${refused} events were refused. ${refusal}`])].join('\n');
}

function personas(text: string): readonly Persona[] {
  return text.split(',').map((name) => {
    const persona = PERSONAS.find((one) => one.name === name.trim());
    if (persona !== undefined) return persona;
    throw new InvalidArgumentError(
      `There is no persona "${name}"; there are ${PERSONAS.map((one) => one.name).join(', ')}.`,
    );
  });
}

function numberWhere(text: string, right: (value: number) => boolean, wanted: string): number {
  const value = Number(text);
  if (text.trim() === '' || !right(value)) throw new InvalidArgumentError(`It must be ${wanted}.`);
  return value;
}
const count = (least: number, most: number) => (text: string) =>
  numberWhere(
    text,
    (value) => Number.isInteger(value) && value >= least && value <= most,
    `a whole number from ${least} to ${most}`,
  );
const share = (text: string): number => numberWhere(text, (value) => value >= 0 && value <= 1, 'a share from 0 to 1');
const positive = (text: string): number =>
  numberWhere(text, (value) => value > 0 && Number.isFinite(value), 'a number above 0');
