import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { installationOptions } from '../connect.ts';
import { UsageError } from '../failure.ts';
import { type CommandContext, type CommonOptions, withPlace } from './command-context.ts';

export function addExport(program: Command, context: CommandContext): void {
  withPlace(program.command('export'))
    .description('write the whole installation into one file, for `import --dump` on either database')
    .argument('<file>')
    .option('--force', 'replace the file if it is there')
    .action((file: string, options: CommonOptions & { force?: boolean }) => exportAll(context, file, options));
}

async function exportAll(
  context: CommandContext,
  file: string,
  options: CommonOptions & { force?: boolean },
): Promise<void> {
  const [there, folder] = await Promise.all([stat(file).catch(() => null), stat(dirname(file)).catch(() => null)]);
  if (there?.isDirectory() === true)
    throw new UsageError(`${file} is a directory.`, 'Name the file to write, for example backup.gz.');
  if (folder?.isDirectory() !== true)
    throw new UsageError(`There is no directory ${dirname(file)} to write ${file} into.`, 'Make it first.');
  if (there !== null && options.force !== true)
    throw new UsageError(`The file ${file} is there already.`, 'Say --force to replace it.');
  const { bytes } = await context.environment.exportTo(installationOptions(options), file, context.progress(options));
  if (options.json === true) context.printJson({ file, bytes });
}
