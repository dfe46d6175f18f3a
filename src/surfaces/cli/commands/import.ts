import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Fields } from '../../../serving/collections/schema.ts';
import { ApiError } from '../../sdk/api-error.ts';
import type { Client } from '../../sdk/client.ts';
import { installationOptions, withClient } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { type ImportResult, importItems } from '../import/import-items.ts';
import { inferSchema } from '../import/infer-schema.ts';
import { type ItemsFile, openItemsFile } from '../import/read-items-file.ts';
import { waitIndexed } from '../import/wait-indexed.ts';
import { type CommandContext, type CommonOptions, withPlaceOrUrl } from './command-context.ts';

interface ImportOptions extends CommonOptions {
  readonly schema?: string;
  readonly dump?: string;
  readonly wait: boolean;
}

const SAMPLE = 1000;
const SHOWN_ERRORS = 20;

export function addImport(program: Command, context: CommandContext): void {
  withPlaceOrUrl(program.command('import'))
    .description('import items (NDJSON or a JSON array, gzipped or not), or restore a whole installation with --dump')
    .argument('[collection]', 'the collection; it is made when it does not exist')
    .argument('[file...]', 'files of items')
    .option('--schema <file>', 'JSON file that declares the collection: {"fields": {…}}')
    .option('--dump <file>', 'restore a file that `export` wrote')
    .option('--no-wait', 'do not wait until the items are searchable')
    .action((collection: string | undefined, files: string[], options: ImportOptions) =>
      options.dump === undefined
        ? importFiles(context, collection, files, options)
        : restore(context, collection, options.dump, options),
    );
}

async function restore(
  context: CommandContext,
  collection: string | undefined,
  file: string,
  options: ImportOptions,
): Promise<void> {
  if (collection !== undefined)
    throw new UsageError('--dump restores everything: leave out the collection and the files.');
  if (options.url !== undefined)
    throw new UsageError('A dump is restored into a data directory or a database, not through a server.');
  await context.environment.importFrom(installationOptions(options), file, context.progress(options));
  if (options.json === true) context.printJson({ restored: file });
}

async function importFiles(
  context: CommandContext,
  collection: string | undefined,
  paths: string[],
  options: ImportOptions,
): Promise<void> {
  if (collection === undefined || paths.length === 0) {
    throw new UsageError(
      'Name a collection and at least one file.',
      'For example: embedding-studio import books books.ndjson',
    );
  }
  // All files are looked at first: a mistyped name should not show after an hour.
  const files: ItemsFile[] = [];
  for (const path of paths) files.push(await openItemsFile(path));
  const schema = options.schema === undefined ? null : await readSchema(options.schema);
  const progress = context.progress(options);
  // The first Ctrl+C ends the import in order, a second one at once.
  const stop = new AbortController();
  context.environment.onStop(() => stop.abort());
  const result = await withClient(context.environment, options, async (client) => {
    await declare(context, client, collection, files, schema, options.json === true);
    const imported = await importItems(client, collection, files, progress, stop.signal);
    if (options.wait && imported.accepted > 0) await waitIndexed(client, collection, progress, stop.signal);
    return imported;
  });
  report(context, result, options.json === true);
}

async function declare(
  context: CommandContext,
  client: Client,
  collection: string,
  files: ItemsFile[],
  schema: object | null,
  json: boolean,
): Promise<void> {
  if (schema !== null) {
    await client.putCollection(collection, schema as { fields: Fields });
    return;
  }
  if (await exists(client, collection)) return;
  const fields = inferSchema(await sampleOf(files));
  if (Object.keys(fields).length === 0) {
    throw new UsageError(
      'No schema could be inferred: no item of the files has a field to search by.',
      'Give one with --schema.',
    );
  }
  await client.putCollection(collection, { fields });
  const { stderr } = context.environment;
  if (json) {
    stderr.write(`${JSON.stringify({ made: { collection, fields } })}\n`);
    return;
  }
  const lines = Object.entries(fields).map(
    ([name, { type, ...roles }]) => `  ${name}: ${type} (${Object.keys(roles).join(', ')})`,
  );
  stderr.write(
    `Made the collection "${collection}" from what the items hold; give --schema to choose:\n${lines.join('\n')}\n`,
  );
}

async function exists(client: Client, collection: string): Promise<boolean> {
  try {
    await client.getCollection(collection);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'collection_not_found') return false;
    throw error;
  }
}

async function sampleOf(files: readonly ItemsFile[]): Promise<unknown[]> {
  const sample: unknown[] = [];
  for (const file of files) {
    for await (const entry of file.entries()) {
      if (entry.item !== undefined) sample.push(entry.item);
      if (sample.length >= SAMPLE) return sample;
    }
  }
  return sample;
}

async function readSchema(path: string): Promise<object> {
  let schema: unknown;
  try {
    schema = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `The schema ${path} cannot be read: ${(error as Error).message}.`,
      'It is a JSON file like {"fields": {"title": {"type": "text", "embed": true}}}.',
    );
  }
  if (schema === null || typeof schema !== 'object' || Array.isArray(schema))
    throw new UsageError(`The schema ${path} is no JSON object.`);
  return schema;
}

function report(context: CommandContext, result: ImportResult, json: boolean): void {
  if (json) context.printJson(result);
  else {
    for (const error of result.errors.slice(0, SHOWN_ERRORS)) {
      const id = error.id === null ? '' : ` (${error.id})`;
      context.environment.stderr.write(`${error.file}, ${error.place}${id}: ${error.message}\n`);
    }
    const more = result.failed - Math.min(result.errors.length, SHOWN_ERRORS);
    if (more > 0) context.environment.stderr.write(`… and ${more} more; --json lists the first thousand.\n`);
  }
  if (result.failed > 0) context.setExitCode(1);
}
