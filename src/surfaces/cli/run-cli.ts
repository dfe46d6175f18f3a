import { Command } from 'commander';
import { addAnalytics } from './commands/analytics.ts';
import { addCollections } from './commands/collections.ts';
import { commandContext } from './commands/command-context.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addJudgments } from './commands/judgments.ts';
import { addProfiles } from './commands/profiles.ts';
import { addRuns } from './commands/runs.ts';
import { addSearch } from './commands/search.ts';
import { addServe } from './commands/serve.ts';
import { addSimulate } from './commands/simulate.ts';
import { addTrain } from './commands/train.ts';
import { addTraining } from './commands/training.ts';
import { addUsers } from './commands/users.ts';
import type { CliEnvironment } from './environment.ts';
import { reportFailure, sentence } from './failure.ts';

/**
 * The command line. Returns the exit code: 0 for done, 1 for failed, 2 for a wrong call. Results go to standard
 * output, progress and failures to standard error.
 *
 * @example process.exitCode = await runCli(process.argv.slice(2), environment);
 */
export async function runCli(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  let exitCode = 0;
  const context = commandContext(environment, (code) => {
    exitCode = code;
  });
  const json = argv.includes('--json');
  const program = new Command('embedding-studio')
    .description('Search that learns from clicks.')
    .version(environment.version)
    .configureOutput({
      writeOut: (text) => void environment.stdout.write(text),
      writeErr: (text) => void (json || environment.stderr.write(text)),
      outputError: (text, write) => write(sentence(text)),
    })
    .exitOverride()
    .showHelpAfterError('Add --help for how to call it.');
  for (const add of [
    addServe,
    addImport,
    addSearch,
    addCollections,
    addTrain,
    addTraining,
    addSimulate,
    addAnalytics,
    addUsers,
    addProfiles,
    addExport,
    addDoctor,
    addJudgments,
    addEvaluate,
    addRuns,
  ])
    add(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    context.abandonProgress();
    return reportFailure(error, json, environment.stderr);
  }
}
