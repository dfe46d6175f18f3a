import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Contract } from '../../api/contract/contract.ts';
import type { Answer } from '../../sdk/client.ts';
import { withClient } from '../connect.ts';
import { explainHit } from '../explain-hit.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface SearchOptions extends CommonOptions {
  readonly filter?: unknown;
  readonly limit: number;
  readonly mode: 'hybrid' | 'vector' | 'lexical';
  readonly explain?: boolean;
  readonly record?: boolean;
}

export function addSearch(program: Command, context: CommandContext): void {
  withPlaceOrUrl(program.command('search'))
    .description('search a collection')
    .argument('<collection>')
    .argument('<query>')
    .option('--filter <json>', 'filter, for example {"term": {"color": "red"}}', parseJson)
    .option('--limit <number>', 'hits to show', parseLimit, 10)
    .addOption(new Option('--mode <mode>', 'how to search').choices(['hybrid', 'vector', 'lexical']).default('hybrid'))
    .option('--explain', 'show where the scores come from')
    // Nobody clicks on a terminal: a recorded search would only teach that nothing was wanted.
    .option('--record', 'keep a record of the search, as for a person')
    .action((collection: string, query: string, options: SearchOptions) => search(context, collection, query, options));
}

async function search(
  context: CommandContext,
  collection: string,
  query: string,
  options: SearchOptions,
): Promise<void> {
  const { filter, limit, mode, explain = false, record = false } = options;
  const answer = await withClient(context.environment, options, (client) =>
    client.search(collection, { query, limit, mode, explain, record, ...(filter === undefined ? {} : { filter }) }),
  );
  if (options.json === true) context.printJson(answer);
  else context.print(present(answer));
}

function present({ hits, total, tookMs, warnings }: Answer<Contract['search']>): string {
  const lines = hits.flatMap((hit) => [
    `${String(hit.position).padStart(3)}  ${hit.score.toFixed(4).padStart(8)}  ${hit.id}  ${summaryOf(hit.payload)}`,
    ...(hit.explain === undefined ? [] : [`               = ${explainHit(hit.explain)}`]),
  ]);
  const count = `${total.exact ? '' : 'about '}${total.value} ${total.value === 1 ? 'hit' : 'hits'} in ${tookMs} ms`;
  return [...lines, ...(warnings ?? []).map((warning) => `Warning: ${warning}`), count].join('\n');
}

/** The short texts of a payload, as far as a line reaches. */
function summaryOf(payload: Readonly<Record<string, unknown>>): string {
  const texts = Object.values(payload).filter((value) => typeof value === 'string' && !/^(data|blob):/.test(value));
  return texts.join(' · ').replace(/\s+/g, ' ').slice(0, 100);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is no valid JSON: ${(error as Error).message}.`);
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.');
  return limit;
}
