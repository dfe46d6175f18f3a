import { stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Contract } from '../../api/contract/contract.ts';
import type { Answer, Client } from '../../sdk/client.ts';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface ExportOptions extends CommonOptions {
  readonly out?: string;
  readonly force?: boolean;
}

export function addUsers(program: Command, context: CommandContext): void {
  const users = program.command('users').description('what is kept about a user: give it out, or erase it');
  withPlaceOrUrl(users.command('export'))
    .description('everything that is kept about a user, as JSON')
    .argument('<user>', 'the user as searches and events name it')
    .option('--out <file>', 'write it into a file instead of the standard output')
    .option('--force', 'replace the file if it is there')
    .action((user: string, options: ExportOptions) => exportUser(context, user, options));
  withPlaceOrUrl(users.command('erase'))
    .description('delete everything that is kept about a user')
    .argument('<user>', 'the user as searches and events name it')
    .option('--yes', 'really')
    .action((user: string, options: CommonOptions & { yes?: boolean }) => eraseUser(context, user, options));
}

async function exportUser(context: CommandContext, user: string, options: ExportOptions): Promise<void> {
  const { out, force = false } = options;
  if (out !== undefined && !force && (await stat(out).catch(() => null)) !== null)
    throw new UsageError(`The file ${out} is there already.`, 'Say --force to replace it.');
  const data = await withClient(context.environment, options, (client) => readAll(client, user));
  const text = JSON.stringify(data, null, options.json === true ? 0 : 2);
  if (out === undefined) return context.print(text);
  // Others on the machine have no business with it.
  await writeFile(out, `${text}\n`, { mode: 0o600 });
  if (options.json === true) context.printJson({ file: out });
  else context.print(`Wrote ${out}.`);
}

type Page = Answer<Contract['exportUser']>;
type Part = Exclude<keyof Page, 'nextCursor'>;
const PARTS: readonly Part[] = ['searches', 'events', 'sessions', 'ratings', 'profiles'];

/** All pieces, sorted by collection. */
async function readAll(client: Client, user: string) {
  const collections: Record<string, Record<Part, object[]>> = {};
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page = await client.exportUser(user, { cursor, limit: 1000 });
    for (const part of PARTS) {
      for (const { collection, ...record } of page[part]) {
        collections[collection] ??= { searches: [], events: [], sessions: [], ratings: [], profiles: [] };
        collections[collection][part].push(record);
      }
    }
    cursor = page.nextCursor;
  }
  return { user, collections };
}

async function eraseUser(
  context: CommandContext,
  user: string,
  options: CommonOptions & { yes?: boolean },
): Promise<void> {
  if (options.yes !== true)
    throw new UsageError(`This would delete everything that is kept about "${user}".`, 'Say --yes to do it.');
  const receipt = await withClient(context.environment, options, (client) => client.eraseUser(user));
  if (options.json === true) return context.printJson(receipt);
  if (receipt.collections.length === 0) context.print('Nothing was kept about this user.');
  for (const { name, searches, events, sessions, profiles, memory, judgments, batches } of receipt.collections) {
    context.print(
      `${name}: deleted ${searches} searches, ${events} events, ${sessions} sessions, ${profiles} profiles`,
    );
    context.print(
      `  memory: ${memory.dropped} queries forgotten, ${memory.relearned} learned again; judgments: ${judgments.deleted} deleted`,
    );
    if (judgments.recompute.length > 0) context.print(`  compute anew from clicks: ${judgments.recompute.join(', ')}`);
    if (batches.length > 0) context.print(`  batches that lost something: ${batches.join(', ')}`);
  }
  if (receipt.models.length > 0) context.print(`Train again: ${receipt.models.join(', ')}`);
  context.print(`Receipt ${receipt.erasureId}`);
}
