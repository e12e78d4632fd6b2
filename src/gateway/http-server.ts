import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { AccessLog } from './access-log.ts';
import type { Admission, Decision } from './admission.ts';
import { type Answer, NOTHING } from './answer.ts';
import type { CachedRoute } from './cached-records.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { type Body, GatheredRequest } from './gathered-request.ts';
import {
  ELSEWHERE_ANSWER,
  forbidden,
  INTERNAL,
  methodNotAllowed,
  NOT_FOUND_ANSWER,
  refusal,
  TOO_LARGE,
  WRONG_TYPE,
} from './http-errors.ts';
import { type LegacySse, type SseTarget, sseTargetOf, wantsLegacySse } from './legacy-sse.ts';
import type { PostedBody } from './mcp-endpoint.ts';
import { type OriginVerdict, PREFLIGHT_HEADERS } from './origin-policy.ts';
import { bearerOf, type Target, targetOf } from './request-target.ts';
import { newRequestTrace, type RequestTrace } from './request-trace.ts';
import { startStream, writeAnswer } from './response-writer.ts';
import type { Served } from './running-calls.ts';
import { traceparentOf } from './tracing/trace-context.ts';
import type { Tracing } from './tracing/tracing.ts';
import type { Usage } from './usage.ts';

/**
 * The HTTP face of the gateway, by hand on `node:http`. In this order: origin, path, preflight, token, method, type,
 * size, message. The token is judged before anything that would tell a live URL from a dead one. Slow, oversized and
 * half-open clients are bounded by the server's own limits.
 */
export interface HttpLimits {
  maxBodyBytes: number;
  maxHeaderBytes: number;
  maxConnections: number;
  /** Milliseconds for the headers of a request, for the whole request, and between two on one connection. */
  headersTimeout: number;
  requestTimeout: number;
  keepAliveTimeout: number;
  /** Silence on a connection in both directions, which a client that no longer reads causes too; milliseconds. */
  silenceTimeout: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  maxBodyBytes: 4 * 2 ** 20,
  maxHeaderBytes: 16 * 2 ** 10,
  maxConnections: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  silenceTimeout: 120_000,
};

export interface HttpServerOptions {
  admission: Pick<Admission, 'admit'>;
  endpoint: (post: PostedBody) => Answer | Promise<Answer>;
  /** Absent: the old transport is off. */
  legacySse: LegacySse | undefined;
  checkOrigin: (headers: IncomingMessage['headers']) => OriginVerdict;
  accessLog: AccessLog;
  metrics: GatewayMetrics;
  usage: Usage;
  tracing: Tracing | undefined;
  clock: Clock;
  logger: Logger;
  limits: HttpLimits;
  isDraining: () => boolean;
}

/** An answer, or what becomes of the body once it is there. */
type Step = Answer | ((body: Body) => Answer | Promise<Answer>);
type ServerTarget = Extract<Target, { kind: 'server' }>;

interface Exchange {
  readonly request: GatheredRequest;
  readonly response: ServerResponse;
  readonly started: number;
  readonly trace: RequestTrace;
  route: CachedRoute | undefined;
  corsHeaders: readonly string[];
}

/** How often the server looks for requests beyond their time, milliseconds. */
const TIMEOUT_CHECK = 1_000;
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const NO_HEADERS: readonly string[] = [];
const PREFLIGHT: Answer = { status: 204, outcome: 'ok', content: NOTHING, headers: PREFLIGHT_HEADERS };

export function createHttpServer(options: HttpServerOptions): Server {
  const {
    admission,
    endpoint,
    legacySse,
    checkOrigin,
    accessLog,
    metrics,
    usage,
    tracing,
    clock,
    logger,
    limits,
    isDraining,
  } = options;
  const tooLarge = TOO_LARGE(limits.maxBodyBytes);

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: TIMEOUT_CHECK,
      noDelay: true,
      keepAlive: true,
      IncomingMessage: GatheredRequest,
    },
    (request, response) => {
      const exchange: Exchange = {
        request,
        response,
        started: clock.monotonic(),
        trace: newRequestTrace(request.headers['user-agent'], traceparentOf(request.headers.traceparent)),
        route: undefined,
        corsHeaders: NO_HEADERS,
      };
      metrics.arrived();
      proceed(exchange, () => begin(exchange));
    },
  );
  server.maxConnections = limits.maxConnections;
  server.setTimeout(limits.silenceTimeout);
  server.on('error', (error) => {
    if (server.listening) logger.error('the port for MCP clients failed to accept a connection', { error });
  });
  return server;

  function proceed(exchange: Exchange, next: () => Step | Promise<Step>): void {
    try {
      advance(exchange, next());
    } catch (error) {
      fail(exchange, error);
    }
  }

  /** Without a promise where nothing has to be waited for, which is most requests from their first byte to their last. */
  function advance(exchange: Exchange, step: Step | Promise<Step>): void {
    if (step instanceof Promise) {
      step.then(
        (next) => proceed(exchange, () => next),
        (error: unknown) => fail(exchange, error),
      );
    } else if (typeof step === 'object') finish(exchange, step);
    else {
      exchange.request.gather(limits.maxBodyBytes, clock, (body) => proceed(exchange, () => step(body)));
    }
  }

  function begin(exchange: Exchange): Step | Promise<Step> {
    const { method, url = '', headers } = exchange.request;
    const origin = checkOrigin(headers);
    if (origin.kind === 'refused') return forbidden(origin.message);
    exchange.corsHeaders = origin.headers;
    const sse = legacySse === undefined ? undefined : sseTargetOf(method ?? '', url);
    const target =
      sse === undefined
        ? targetOf(url, headers)
        : ({ kind: 'server', token: sse.token, presented: bearerOf(headers) } as const);
    if (target.kind === 'elsewhere') return ELSEWHERE_ANSWER;
    if (method === 'OPTIONS') return PREFLIGHT;
    const arrived = admission.admit(target.token, target.presented);
    return arrived instanceof Promise
      ? arrived.then((decision) => arrive(exchange, target, sse, decision))
      : arrive(exchange, target, sse, arrived);
  }

  function arrive(exchange: Exchange, target: ServerTarget, sse: SseTarget | undefined, arrived: Decision): Step {
    if (arrived.kind === 'unauthorized') exchange.route = arrived.route;
    if (arrived.kind !== 'serve') return refusal(arrived);
    exchange.route = arrived.route;
    const { method, headers } = exchange.request;
    if (method !== 'POST') {
      const opens = sse?.kind === 'open' || (method === 'GET' && wantsLegacySse(headers));
      return opens && legacySse !== undefined
        ? openSse(exchange, legacySse, target.token, arrived)
        : methodNotAllowed(legacySse !== undefined);
    }
    if (!isPlainJson(headers)) return WRONG_TYPE;
    return (body) => {
      if (body.kind === 'aborted') return { status: 499, outcome: 'client-gone', content: NOTHING };
      if (body.kind === 'too-large') return tooLarge;
      // The body may have taken a while to arrive, so the token is judged again.
      const judged = admission.admit(target.token, target.presented);
      return judged instanceof Promise
        ? judged.then((decision) => answer(exchange, target, sse, body.bytes, decision))
        : answer(exchange, target, sse, body.bytes, judged);
    };
  }

  function answer(
    exchange: Exchange,
    { token }: ServerTarget,
    sse: SseTarget | undefined,
    bytes: Buffer,
    served: Decision,
  ): Answer | Promise<Answer> {
    if (served.kind !== 'serve') return refusal(served);
    const { request, response, trace } = exchange;
    const post: PostedBody = {
      bytes,
      headers: request.headers,
      token,
      served,
      onGone: (listener) => whenGone(response, listener),
      trace,
      mayStream: true,
    };
    return sse === undefined ? endpoint(post) : postToSse(legacySse, sse, post);
  }

  function fail(exchange: Exchange, error: unknown): void {
    logger.error('a request failed in the gateway', { fingerprint: exchange.route?.fingerprint, error });
    if (exchange.response.headersSent) exchange.response.destroy();
    else finish(exchange, INTERNAL);
  }

  function openSse(exchange: Exchange, sse: LegacySse, token: string, served: Served): Answer {
    exchange.trace.rpc = 'sse';
    return sse.open(token, served);
  }

  function finish(exchange: Exchange, result: Answer): void {
    const { request, response } = exchange;
    const { content } = result;
    if (response.destroyed || result.status === 499) {
      record(exchange, result, 0);
      return;
    }
    const options = {
      headers: exchange.corsHeaders,
      acceptEncoding: headerText(request.headers['accept-encoding']),
      // Otherwise an unread body is discarded by Node until it ends or its time is up, and the connection goes on.
      close: isDraining() || result.status === 413,
    };
    if (content.kind !== 'stream') {
      record(exchange, result, writeAnswer(response, result, content, options));
      return;
    }
    const stream = startStream(response, result, options);
    stream.onClosed(() => record(exchange, result, stream.bytes));
    content.start(stream);
  }

  function record({ request, route, trace, started }: Exchange, result: Answer, bytes: number): void {
    const durationMs = clock.monotonic() - started;
    metrics.request(trace.rpc, result.outcome, durationMs);
    const time = clock.now();
    const entry = {
      time,
      fingerprint: route?.fingerprint,
      namespace: route?.record.namespace,
      name: route?.record.name,
      method: METHODS.has(request.method ?? '') ? (request.method ?? '') : 'other',
      rpc: trace.rpc,
      tool: trace.tool,
      status: result.status,
      outcome: result.outcome,
      durationMs,
      bytes,
      client: trace.client ?? trace.userAgent,
      version: trace.version,
    };
    accessLog.write(entry);
    if (route !== undefined) usage.request(route.record.uid, time);
    if (tracing !== undefined) {
      trace.span ??= tracing.request(trace.traceparent, time - durationMs);
      trace.span.end({ ...entry, isMcp: result !== ELSEWHERE_ANSWER });
    }
  }
}

function postToSse(legacySse: LegacySse | undefined, { sessionId }: SseTarget, post: PostedBody): Answer {
  return legacySse === undefined ? NOT_FOUND_ANSWER : legacySse.post(sessionId, post);
}

/** When the client leaves before it has its whole answer; at once when it has left already. */
function whenGone(response: ServerResponse, listener: () => void): void {
  if (response.destroyed) listener();
  else {
    response.once('close', () => {
      if (!response.writableFinished) listener();
    });
  }
}

function isPlainJson(headers: IncomingMessage['headers']): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return false;
  const type = headers['content-type'];
  if (type === undefined) return false;
  return type === 'application/json' || (type.split(';')[0] ?? '').trim().toLowerCase() === 'application/json';
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
