import { access } from 'node:fs/promises';
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
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there && options.force !== true)
    throw new UsageError(`The file ${file} is there already.`, 'Say --force to replace it.');
  const { bytes } = await context.environment.exportTo(installationOptions(options), file, context.progress(options));
  if (options.json === true) context.printJson({ file, bytes });
}
