import type { z } from 'zod';
import { StudioError } from '../core/errors.ts';
import { redactUrl } from './redact-url.ts';
import { SETTINGS } from './settings.ts';

type SettingName = keyof typeof SETTINGS;

/** The settings of a process, checked. Settings.ts says what each one means. */
export type Config = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/**
 * Settings from the overrides (command line), else the environment, else the defaults. An empty variable counts as
 * none. Throws `invalid_config` naming the variable; passwords are never part of the sentence.
 *
 * @example
 * const { port } = loadConfig(process.env, { port: 8080 });
 */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  overrides: { readonly [Name in SettingName]?: Config[Name] | undefined } = {},
): Config {
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const override = overrides[name as SettingName];
    const variable = environment[setting.variable];
    const given = override ?? (variable?.trim() ? variable : undefined);
    const parsed = setting.schema.safeParse(given ?? setting.default);
    if (!parsed.success) {
      const shown = redactUrl(String(given)).slice(0, 200);
      throw new StudioError('invalid_config', `${setting.variable} must be ${setting.expected}; it is "${shown}".`, {
        hint: setting.meaning,
        details: { variable: setting.variable },
      });
    }
    config[name] = parsed.data;
  }
  return Object.freeze(config) as Config;
}
