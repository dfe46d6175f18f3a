import { StudioError } from '../../../foundation/core/errors.ts';
import type { CliEnvironment, DoctorCheck, InstallationOptions } from '../environment.ts';

/** Opens the installation, as `serve` would, and asks its parts: database, models, indexes. */
export async function checkInstallation(
  environment: CliEnvironment,
  options: InstallationOptions,
): Promise<DoctorCheck[]> {
  let installation: Awaited<ReturnType<CliEnvironment['open']>>;
  try {
    installation = await environment.open(options);
  } catch (error) {
    return [failed('database', error)];
  }
  const { services } = installation;
  try {
    const checks = (await services.health.checks()).map(
      ({ name, ok, message }): DoctorCheck => ({
        name,
        outcome: ok ? 'ok' : 'fail',
        message: message ?? (ok ? 'ok' : 'not ok'),
      }),
    );
    return [...checks, await checkModels(services.models)];
  } catch (error) {
    return [failed('installation', error)];
  } finally {
    await installation.close();
  }
}

async function checkModels(models: { list(): Promise<readonly { readonly id: string }[]> }): Promise<DoctorCheck> {
  try {
    const found = await models.list();
    if (found.length > 0) return { name: 'models', outcome: 'ok', message: found.map((model) => model.id).join(', ') };
    return {
      name: 'models',
      outcome: 'fail',
      message: 'none found',
      hint: 'The package carries two; install it again.',
    };
  } catch (error) {
    return failed('models', error);
  }
}

function failed(name: string, error: unknown): DoctorCheck {
  const message = error instanceof Error ? error.message : String(error);
  const hint = StudioError.isInstance(error) ? error.hint : undefined;
  return hint === undefined ? { name, outcome: 'fail', message } : { name, outcome: 'fail', message, hint };
}
