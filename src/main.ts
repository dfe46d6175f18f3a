#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { loadConfig } from './foundation/config/config.ts';
import type { InstallationOptions } from './surfaces/cli/environment.ts';
import { runCli } from './surfaces/cli/run-cli.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const open = async (options: InstallationOptions) => {
  const config = loadConfig(process.env, options);
  // Loaded here: a wrong call is answered before the encoders and databases are loaded.
  const { createStudio } = await import('./studio.ts');
  return createStudio({
    dataDirectory: config.dataDirectory,
    databaseUrl: config.databaseUrl,
    poolSize: config.databasePoolSize,
    encoderThreads: config.encoderThreads,
    log: (level, message, error) => {
      if (level === 'warn') process.stderr.write(`${message}${error instanceof Error ? `: ${error.message}` : ''}\n`);
    },
  });
};

process.exitCode = await runCli(process.argv.slice(2), {
  open,
  async exportTo(options, file, progress) {
    const { exportInstallation } = await import('./dump-installation.ts');
    return exportInstallation(loadConfig(process.env, options), file, progress, version);
  },
  async importFrom(options, file, progress) {
    const { importInstallation } = await import('./dump-installation.ts');
    await importInstallation(loadConfig(process.env, options), file, progress);
  },
  version,
  variables: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  onStop(handler) {
    process.once('SIGINT', handler);
    process.once('SIGTERM', handler);
  },
});
