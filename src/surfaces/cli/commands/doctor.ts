import type { Command } from 'commander';
import { loadConfig } from '../../../foundation/config/config.ts';
import { installationOptions } from '../connect.ts';
import { checkInstallation } from '../doctor/installation-checks.ts';
import { checkDataDirectory, checkDiskSpace, checkNode, checkPort } from '../doctor/machine-checks.ts';
import { type CommandContext, type CommonOptions, withPlace } from './command-context.ts';

export function addDoctor(program: Command, context: CommandContext): void {
  withPlace(program.command('doctor'))
    .description('check this machine and the installation')
    .action((options: CommonOptions) => doctor(context, options));
}

async function doctor(context: CommandContext, options: CommonOptions): Promise<void> {
  const { environment } = context;
  const { dataDirectory: directory, port } = loadConfig(environment.variables, { dataDirectory: options.data });
  const checks = [
    checkNode(process.versions.node),
    await checkDataDirectory(directory),
    await checkDiskSpace(directory),
    await checkPort(port),
    ...(await checkInstallation(environment, installationOptions(options))),
  ];
  if (options.json === true) context.printJson({ checks });
  else {
    for (const { outcome, name, message, hint } of checks) {
      context.print(`${outcome.padEnd(4)}  ${name}: ${message}${hint === undefined ? '' : `\n      ${hint}`}`);
    }
  }
  if (checks.some((check) => check.outcome === 'fail')) context.setExitCode(1);
}
