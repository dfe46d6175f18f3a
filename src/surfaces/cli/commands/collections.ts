import type { Command } from 'commander';
import { withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

export function addCollections(program: Command, context: CommandContext): void {
  const collections = program
    .command('collections')
    .description('list, show or delete collections; without a word more, list with its options');
  withPlaceOrUrl(collections.command('list', { isDefault: true }))
    .description('all collections')
    // What comes to the default command with a word too many is a mistyped one.
    .allowExcessArguments()
    .action((options: CommonOptions, command: Command) => {
      const [word] = command.args;
      if (word !== undefined)
        throw new UsageError(`There is no command "collections ${word}".`, 'There are list, show and delete.');
      return list(context, options);
    });
  withPlaceOrUrl(collections.command('show'))
    .description('fields, number of items and lag of the indexes')
    .argument('<collection>')
    .action((name: string, options: CommonOptions) => show(context, name, options));
  withPlaceOrUrl(collections.command('delete'))
    .description('delete a collection with its items, searches and events')
    .argument('<collection>')
    .option('--yes', 'really')
    .action((name: string, options: CommonOptions & { yes?: boolean }) => remove(context, name, options));
}

async function list(context: CommandContext, options: CommonOptions): Promise<void> {
  const collections = await withClient(context.environment, options, async (client) => {
    const names: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await client.listCollections(cursor === undefined ? {} : { cursor });
      names.push(...page.collections.map((collection) => collection.name));
      cursor = page.nextCursor;
    }
    return Promise.all(names.map((name) => client.getCollection(name)));
  });
  if (options.json === true) return context.printJson({ collections });
  if (collections.length === 0)
    return context.print('There are no collections yet. `embedding-studio import` makes one.');
  for (const { name, items, fields } of collections)
    context.print(`${name}  ${items} ${items === 1 ? 'item' : 'items'}  ${Object.keys(fields).join(', ')}`);
}

async function show(context: CommandContext, name: string, options: CommonOptions): Promise<void> {
  const collection = await withClient(context.environment, options, (client) => client.getCollection(name));
  if (options.json === true) return context.printJson(collection);
  context.print(
    `${collection.name}: ${collection.items} items, sequence ${collection.sequence}, metric ${collection.metric}`,
  );
  for (const [field, declared] of Object.entries(collection.fields))
    context.print(`  ${field}  ${JSON.stringify(declared)}`);
  for (const index of collection.indexes) {
    const what = index.model === null ? index.kind : `${index.kind} (${index.model}, ${index.output})`;
    const state = index.lag === 0 ? 'up to date' : `${index.lag} changes behind`;
    context.print(`  index ${what}: ${state}${index.failedItems === 0 ? '' : `, ${index.failedItems} items failed`}`);
  }
}

async function remove(
  context: CommandContext,
  name: string,
  options: CommonOptions & { yes?: boolean },
): Promise<void> {
  if (options.yes !== true)
    throw new UsageError(`This would delete "${name}" with everything in it.`, 'Say --yes to do it.');
  await withClient(context.environment, options, (client) => client.deleteCollection(name));
  if (options.json === true) context.printJson({ deleted: name });
  else context.print(`Deleted "${name}".`);
}
