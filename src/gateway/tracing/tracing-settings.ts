/**
 * When and how to trace, from the variables that the OpenTelemetry specification names. Endpoint, headers, certificates,
 * timeout and compression (`OTEL_EXPORTER_OTLP_*`) and the resource (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) are
 * read by the official packages themselves.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface TracingSettings {
  readonly sampler: { readonly root: 'on' | 'off' | number; readonly followsParent: boolean };
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
}

export class TracingSettingsError extends Error {
  override readonly name = 'TracingSettingsError';
  readonly code = 'TRACING_SETTINGS';
}

/** `undefined`: no traces. */
export function tracingSettings(env: Environment): TracingSettings | undefined {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporter = env.OTEL_TRACES_EXPORTER?.trim() || 'otlp';
  if (!endpoint || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || exporter === 'none') return undefined;
  if (exporter !== 'otlp') throw unknown('OTEL_TRACES_EXPORTER', exporter, 'otlp or none');
  if (URL.parse(endpoint) === null) {
    throw new TracingSettingsError('OTEL_EXPORTER_OTLP_ENDPOINT is not a URL such as http://collector:4318.');
  }
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  if (protocol !== 'http/protobuf') throw unknown('OTEL_EXPORTER_OTLP_PROTOCOL', protocol, 'http/protobuf');
  const maxQueueSize = number(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2_048, 100_000);
  return {
    sampler: samplerOf(env),
    scheduledDelayMillis: number(env, 'OTEL_BSP_SCHEDULE_DELAY', 5_000, 600_000),
    exportTimeoutMillis: number(env, 'OTEL_BSP_EXPORT_TIMEOUT', 30_000, 600_000),
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, number(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 100_000)),
  };
}

function samplerOf(env: Environment): TracingSettings['sampler'] {
  const name = env.OTEL_TRACES_SAMPLER?.trim() || 'parentbased_always_on';
  const followsParent = name.startsWith('parentbased_');
  const root = followsParent ? name.slice('parentbased_'.length) : name;
  if (root === 'always_on') return { root: 'on', followsParent };
  if (root === 'always_off') return { root: 'off', followsParent };
  if (root !== 'traceidratio') {
    const known = '[parentbased_]always_on, [parentbased_]always_off or [parentbased_]traceidratio';
    throw unknown('OTEL_TRACES_SAMPLER', name, known);
  }
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? '1');
  if (!(ratio >= 0 && ratio <= 1)) throw unknown('OTEL_TRACES_SAMPLER_ARG', String(ratio), 'a number from 0 to 1');
  return { root: ratio, followsParent };
}

function number(env: Environment, name: string, byDefault: number, most: number): number {
  const text = env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) throw unknown(name, text, `a number from 1 to ${most}`);
  return value;
}

function unknown(name: string, value: string, known: string): TracingSettingsError {
  return new TracingSettingsError(`${name} is ${JSON.stringify(value.slice(0, 64))}; it must be ${known}.`);
}
