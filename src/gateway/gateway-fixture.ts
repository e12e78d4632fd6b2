import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { Tool } from '../catalog/tool.ts';
import type { CallOutcome } from '../crisp/outcome.ts';
import { type Clock, systemClock } from '../process/clock.ts';
import { silentLogger } from '../process/logger.ts';
import { createMetrics } from '../process/metrics.ts';
import type { LedgerStore } from '../routes/ledger/gateway-ledger.ts';
import type { AuditSink } from './audit/audit-sink.ts';
import { FakeCaller, type FakeReader, type RecordedCall, readerWithRoute, TOKEN, tool } from './fakes.ts';
import type { Features } from './features/features.ts';
import { createGateway, type Gateway, type GatewayConfig } from './gateway.ts';
import { type OpenStream, openStream } from './open-stream.ts';
import { CLIENT_CAPABILITIES_META, CLIENT_INFO_META, MODERN_VERSION, VERSION_META } from './protocol-era.ts';
import type { Tracing } from './tracing/tracing.ts';

/** A gateway on a free port of the loopback, and a bare HTTP client that hides nothing. For tests. */
export interface Fixture extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly reader: FakeReader;
  readonly caller: FakeCaller;
  readonly metricsText: () => Promise<string>;
  readonly logText: () => string;
  send(options?: SendOptions): Promise<Reply>;
  /** Sends like {@link send} and stays for the events. */
  open(options?: {
    method?: string;
    path?: string;
    headers?: OutgoingHttpHeaders;
    body?: unknown;
  }): Promise<OpenStream>;
  /** POSTs a JSON-RPC message to {@link TOKEN}'s URL. */
  post(body: unknown, headers?: OutgoingHttpHeaders): Promise<Reply>;
}

export interface SendOptions {
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert the shape of what came over the wire
  readonly json: any;
}

export interface FixtureOptions {
  reader?: FakeReader;
  answer?: (call: RecordedCall) => CallOutcome | Promise<CallOutcome>;
  clock?: Clock;
  config?: Partial<GatewayConfig>;
  tools?: readonly Tool[];
  features?: Features;
  audit?: AuditSink;
  tracing?: Tracing;
  ledger?: LedgerStore;
}

export const FIXTURE_TOOLS: readonly Tool[] = [
  tool('list_crisp_conversations'),
  tool('send_crisp_message', { class: 'create', effect: 'write' }),
];

export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const reader = options.reader ?? readerWithRoute();
  const caller = new FakeCaller(options.answer);
  const metrics = createMetrics({ process: 'gateway', runtime: false });
  let log = '';
  const gateway = await createGateway({
    reader,
    caller,
    clock: options.clock ?? systemClock,
    logger: silentLogger,
    metrics,
    config: { host: '127.0.0.1', port: 0, version: '1.2.3', ...options.config },
    accessLog: {
      write: (text) => {
        log += text;
      },
    },
    tools: options.tools ?? FIXTURE_TOOLS,
    ...(options.features === undefined ? {} : { features: options.features }),
    ...(options.audit === undefined ? {} : { audit: options.audit }),
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
  });
  const send = (sending: SendOptions = {}) => exchange(gateway.port, sending);
  return {
    gateway,
    reader,
    caller,
    metricsText: () => metrics.metrics(),
    logText: () => log,
    send,
    open: ({ method = 'POST', path = `/mcp/${TOKEN}`, headers = {}, body } = {}) =>
      openStream({
        port: gateway.port,
        method,
        path,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    post: (body, headers = {}) =>
      send({ headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }),
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

function exchange(port: number, { method = 'POST', path = `/mcp/${TOKEN}`, headers = {}, body }: SendOptions) {
  return new Promise<Reply>((resolve, reject) => {
    const chunked = 'transfer-encoding' in headers;
    const length = body === undefined || chunked ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parsed(text) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function rpc(method: string, params: unknown = {}, id: string | number = 1) {
  return { jsonrpc: '2.0', id, method, params };
}

/** Body and headers of a correct 2026-07-28 request. */
export function modern(method: string, params: Record<string, unknown> = {}, id: string | number = 1) {
  const name = params.name ?? params.uri;
  return {
    body: rpc(
      method,
      {
        ...params,
        _meta: {
          [VERSION_META]: MODERN_VERSION,
          [CLIENT_CAPABILITIES_META]: {},
          [CLIENT_INFO_META]: { name: 'fixture', version: '1' },
        },
      },
      id,
    ),
    headers: {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
  };
}
