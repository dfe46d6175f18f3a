import { type Command, Option } from 'commander';
import type { Contract } from '../../api/contract/contract.ts';
import type { Answer } from '../../sdk/client.ts';
import { withClient } from '../connect.ts';
import { sparkline } from '../sparkline.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface AnalyticsOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly interval: 'hour' | 'day' | 'week';
}

type Analytics = Answer<Contract['getAnalytics']>;
type Counts = Analytics['totals'];

export function addAnalytics(program: Command, context: CommandContext): void {
  withPlaceOrUrl(program.command('analytics'))
    .description('how much a collection was searched and what came of it')
    .argument('<collection>')
    .option('--from <moment>', 'for example 2026-06-01T00:00:00Z; seven days before the end when left out')
    .option('--to <moment>', 'now when left out')
    .addOption(new Option('--interval <interval>', 'a line per').choices(['hour', 'day', 'week']).default('day'))
    .action((collection: string, options: AnalyticsOptions) => analytics(context, collection, options));
}

async function analytics(context: CommandContext, collection: string, options: AnalyticsOptions): Promise<void> {
  const { from, to, interval } = options;
  const [counts, queries] = await withClient(context.environment, options, async (client) => [
    await client.getAnalytics(collection, { from, to, interval }),
    await client.getQueryAnalytics(collection, { from, to, limit: 10 }),
  ]);
  if (options.json === true) context.printJson({ ...counts, queries: queries.queries, hidden: queries.hidden });
  else context.print(present(counts, queries));
}

const COLUMNS: ReadonlyArray<readonly [title: string, of: (counts: Counts) => string]> = [
  ['searches', ({ searches }) => String(searches)],
  ['clients', ({ clients }) => String(clients)],
  ['no hits', ({ zeroResults }) => String(zeroResults)],
  ['clicked', ({ clickThroughRate }) => percent(clickThroughRate)],
  ['abandoned', ({ abandonmentRate }) => percent(abandonmentRate)],
  ['MRR', ({ meanReciprocalRank }) => meanReciprocalRank?.toFixed(3) ?? '–'],
  ['bought', ({ conversions }) => String(conversions)],
  ['median ms', ({ medianTookMs }) => medianTookMs?.toFixed(1) ?? '–'],
];

function present(
  { buckets, totals, setAside, interval }: Analytics,
  { queries, hidden }: Answer<Contract['getQueryAnalytics']>,
): string {
  const row = (name: string, cells: readonly string[]): string =>
    [name.padEnd(16), ...cells.map((cell, index) => cell.padStart(Math.max(9, COLUMNS[index]?.[0].length ?? 0)))].join(
      ' ',
    );
  const cellsOf = (counts: Counts): string[] => COLUMNS.map(([, of]) => of(counts));
  const nameOf = (at: string): string => (interval === 'hour' ? at.slice(0, 16).replace('T', ' ') : at.slice(0, 10));
  const reasons = Object.entries(setAside.reasons).map(([code, count]) => `${code} ${count}`);
  return [
    row(
      interval,
      COLUMNS.map(([title]) => title),
    ),
    ...buckets.map(({ at, ...counts }) => row(nameOf(at), cellsOf(counts))),
    row('together', cellsOf(totals)),
    '',
    `searches ${sparkline(buckets.map(({ searches }) => searches))}`,
    `clicked  ${sparkline(buckets.map(({ clickThroughRate }) => clickThroughRate))}`,
    ...(setAside.sessions === 0
      ? []
      : ['', `Left out: ${setAside.searches} searches of ${setAside.sessions} sessions (${reasons.join(', ')})`]),
    ...(queries.length === 0 ? [] : ['', 'Asked most:']),
    ...queries.map(
      ({ query, searches, clickThroughRate }) =>
        `  ${String(searches).padStart(6)}  ${percent(clickThroughRate).padStart(6)} clicked  ${query}`,
    ),
    ...(hidden.queries === 0
      ? []
      : [`Not shown, because too few have asked them: ${hidden.queries} queries, ${hidden.searches} searches`]),
  ].join('\n');
}

const percent = (rate: number | null): string => (rate === null ? '–' : `${(100 * rate).toFixed(1)} %`);
