import { describe, expect, test } from 'vitest';
import { tracingSettings } from './tracing-settings.ts';

const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('traces', () => {
  test.each([
    ['nothing is set', {}],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['the SDK is disabled', { ...ON, OTEL_SDK_DISABLED: 'true' }],
    ['there is no exporter', { ...ON, OTEL_TRACES_EXPORTER: 'none' }],
  ])('are off when %s', (_name, env) => {
    expect(tracingSettings(env)).toBeUndefined();
  });

  test.each([
    ['by either endpoint', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, {}],
    ['with the standard limits', ON, { maxQueueSize: 2_048, maxExportBatchSize: 512, scheduledDelayMillis: 5_000 }],
    ['all of them, or those of their parents', ON, { sampler: { root: 'on', followsParent: true } }],
    [
      'a share of them',
      { ...ON, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      { sampler: { root: 0.25, followsParent: false } },
    ],
    ['with a short queue', { ...ON, OTEL_BSP_MAX_QUEUE_SIZE: '10' }, { maxQueueSize: 10, maxExportBatchSize: 10 }],
  ])('are on %s', (_name, env, expected) => {
    expect(tracingSettings(env)).toMatchObject(expected);
  });

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, /is not a URL/],
    [
      { ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; it must be http\/protobuf/,
    ],
    [{ ...ON, OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER/],
    [{ ...ON, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /OTEL_TRACES_SAMPLER/],
    [{ ...ON, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }, /OTEL_TRACES_SAMPLER_ARG/],
    [{ ...ON, OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, /OTEL_BSP_MAX_QUEUE_SIZE/],
  ])('a variable that is not understood is named, with what it may be: %o', (env, message) => {
    expect(() => tracingSettings(env)).toThrow(message);
  });
});
