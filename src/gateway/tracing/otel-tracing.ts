import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { AtMostEvery } from '../../process/at-most-every.ts';
import { type Clock, delay } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { withoutSecrets } from '../secret-like.ts';
import { formatTraceparent, parseTraceparent } from './trace-context.ts';
import type { CallSpan, RequestSpan, Tracing } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

/**
 * Traces by the official OpenTelemetry packages, over OTLP. This file is loaded only where traces are configured, since
 * the packages cost memory. Spans wait in a bounded queue and are dropped when it is full: a collector that is away or
 * hangs costs spans, never a request.
 */
export interface OtelTracingOptions {
  settings: TracingSettings;
  version: string;
  clock: Clock;
  logger: Logger;
}

const SERVICE = 'crisp-mcp-gateway';
const ROUTE = '/mcp/{token}';
const CLOSE_WITHIN = 3_000;
const COMPLAIN_EACH_MS = 60_000;

export function createOtelTracing({ settings, version, clock, logger }: OtelTracingOptions): Tracing {
  const counts = { exported: 0, failed: 0 };
  const complaints = new AtMostEvery(clock, COMPLAIN_EACH_MS);
  // What the packages report may quote headers and addresses, which hold secrets; so only that something is wrong is said.
  const complain = () => {
    if (!complaints.claim()) return;
    logger.warn('traces cannot be sent: see OTEL_EXPORTER_OTLP_ENDPOINT', { lost: counts.failed });
  };
  const quiet = () => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version }))
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
  const { sampler, ...batching } = settings;
  const processor = new BatchSpanProcessor({ ...batching, exporter: counting(new OTLPTraceExporter(), counts) });
  const provider = new TracerProvider({ resource, sampler: samplerOf(sampler), spanProcessors: [processor] });
  const tracer = provider.getTracer('crisp-mcp', version);

  const callSpan = (context: Context, tool: string): CallSpan => {
    const attributes = { 'gen_ai.tool.name': tool };
    const span = tracer.startSpan(
      `crisp ${tool}`,
      { kind: SpanKind.CLIENT, startTime: clock.now(), attributes },
      context,
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 }),
      end: (outcome) => {
        if (outcome?.upstreamStatus !== undefined)
          span.setAttribute('http.response.status_code', outcome.upstreamStatus);
        if (outcome?.kind === 'failure') {
          span.setAttribute('error.type', outcome.code);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end(clock.now());
      },
    };
  };

  return {
    counts,
    request(parent, started): RequestSpan {
      const span = tracer.startSpan(`POST ${ROUTE}`, { kind: SpanKind.SERVER, startTime: started }, contextOf(parent));
      const context = trace.setSpan(ROOT_CONTEXT, span);
      return {
        traceId: span.spanContext().traceId,
        call: (tool) => callSpan(context, tool),
        end: (facts) => {
          const { method, isMcp, rpc, tool, version, client, status, outcome, fingerprint, namespace, name } = facts;
          span.updateName(isMcp ? `${method} ${ROUTE}` : method);
          setAll(span, {
            'http.request.method': method,
            'http.route': isMcp ? ROUTE : undefined,
            'url.template': isMcp ? ROUTE : undefined,
            'http.response.status_code': status,
            'mcp.method.name': rpc === 'none' ? undefined : rpc,
            'mcp.protocol.version': version,
            'gen_ai.tool.name': tool,
            'crisp_mcp.client': client === undefined ? undefined : withoutSecrets(client),
            'crisp_mcp.outcome': outcome,
            'crisp_mcp.fingerprint': fingerprint,
            'crisp_mcp.namespace': namespace,
            'crisp_mcp.name': name,
          });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end(clock.now());
        },
      };
    },
    close: () => Promise.race([provider.shutdown().catch(complain), delay(clock, CLOSE_WITHIN)]),
  };
}

function contextOf(parent: string | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parseTraceparent(parent);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}

function setAll(span: Span, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.setAttribute(name, value);
}

function samplerOf({ root, followsParent }: TracingSettings['sampler']): Sampler {
  const sampler =
    root === 'on'
      ? new AlwaysOnSampler()
      : root === 'off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(root);
  return followsParent ? new ParentBasedSampler({ root: sampler }) : sampler;
}

/** Success has the code 0. */
function counting(exporter: SpanExporter, counts: { exported: number; failed: number }): SpanExporter {
  return {
    export: (spans: ReadableSpan[], done) =>
      exporter.export(spans, (result) => {
        if (result.code === 0) counts.exported += spans.length;
        else counts.failed += spans.length;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
