import type { Command } from 'commander';
import { withClient } from '../connect.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

export function addProfiles(program: Command, context: CommandContext): void {
  const profiles = program
    .command('profiles')
    .description('what users are taken to like: look at a profile, or reset it');
  withPlaceOrUrl(profiles.command('show'))
    .description('the evidence behind a profile, and the items that say so')
    .argument('<collection>')
    .argument('<user>', 'the user as searches and events name it')
    .action((collection: string, user: string, options: CommonOptions) => show(context, collection, user, options));
  withPlaceOrUrl(profiles.command('reset'))
    .description('begin a profile anew: what the user did so far does not count any more')
    .argument('<collection>')
    .argument('<user>', 'the user as searches and events name it')
    .action((collection: string, user: string, options: CommonOptions) => reset(context, collection, user, options));
}

async function show(context: CommandContext, collection: string, user: string, options: CommonOptions): Promise<void> {
  const profile = await withClient(context.environment, options, (client) => client.getProfile(collection, user));
  if (options.json === true) return context.printJson(profile);
  const { evidence, weight, updatedAt, items } = profile;
  context.print(
    `${user}: evidence ${evidence.toFixed(2)}, counts ${Math.round(100 * weight)} % (computed ${updatedAt})`,
  );
  for (const item of items) context.print(`  ${item.weight.toFixed(2).padStart(6)}  ${item.itemId}`);
}

async function reset(context: CommandContext, collection: string, user: string, options: CommonOptions): Promise<void> {
  const answer = await withClient(context.environment, options, (client) => client.resetProfile(collection, user));
  if (options.json === true) return context.printJson(answer);
  context.print(answer.reset ? `The profile of ${user} begins anew.` : `${user} had no profile in ${collection}.`);
}
