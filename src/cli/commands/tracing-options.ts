import type { Tracing } from '../../gateway/tracing/tracing.ts';
import { type Environment, TracingSettingsError, tracingSettings } from '../../gateway/tracing/tracing-settings.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { UserError } from '../user-error.ts';

/** Traces, where the standard variables of OpenTelemetry ask for them; its packages are loaded only then. */
export async function createTracing(
  env: Environment,
  parts: { version: string; clock: Clock; logger: Logger },
): Promise<Tracing | undefined> {
  const settings = settingsOf(env);
  if (settings === undefined) return undefined;
  const { createOtelTracing } = await import('../../gateway/tracing/otel-tracing.ts');
  return createOtelTracing({ ...parts, settings });
}

function settingsOf(env: Environment) {
  try {
    return tracingSettings(env);
  } catch (error) {
    if (error instanceof TracingSettingsError) throw new UserError(error.code, error.message);
    throw error;
  }
}
