import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../process/clock.ts';
import { createLogger } from '../../process/logger.ts';
import { FakeSink } from '../audit/fake-sink.ts';
import { success, TOKEN, token } from '../fakes.ts';
import { rpc, startFixture } from '../gateway-fixture.ts';
import { createOtelTracing } from './otel-tracing.ts';
import { tracingSettings } from './tracing-settings.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const CALL = rpc('tools/call', { name: 'list_crisp_conversations' });
const KEY = 'key-of-the-collector';

/** Takes OTLP over HTTP; a test lets it hang. Texts and ids stand in protobuf as they are. */
async function startReceiver({ hangs = false } = {}) {
  const bodies: Buffer[] = [];
  const requests: { url: string | undefined; type: string | undefined; key: unknown }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url, type: request.headers['content-type'], key: request.headers['x-key'] });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      if (!hangs) response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    text: () => Buffer.concat(bodies).toString('latin1'),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function tracingTo(endpoint: string, more: Record<string, string> = {}) {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${KEY}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '200',
    OTEL_SERVICE_NAME: 'my-gateway',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    ...more,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const settings = tracingSettings(env);
  if (settings === undefined) throw new Error('traces are configured');
  const log: string[] = [];
  const logger = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => log.push(line) } });
  return { tracing: createOtelTracing({ settings, version: '1.2.3', clock: systemClock, logger }), log };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('with a collector', () => {
  test('a call is a span of its request and of the trace it came with; the audit names the trace', async () => {
    await using receiver = await startReceiver();
    const { tracing } = tracingTo(receiver.url);
    const audit = new FakeSink();
    const fixture = await startFixture({ tracing, audit, answer: () => success('{}') });
    await fixture.post(CALL, { traceparent: PARENT });
    await fixture.gateway.close();

    expect(receiver.requests[0]).toEqual({ url: '/v1/traces', type: 'application/x-protobuf', key: KEY });
    const text = receiver.text();
    for (const part of ['my-gateway', 'POST /mcp/{token}', 'crisp list_crisp_conversations', 'tools/call', 'support']) {
      expect(text).toContain(part);
    }
    const [, traceId, spanId] = fixture.caller.calls[0]?.traceparent?.split('-') ?? [];
    expect(traceId).toBe(TRACE);
    expect(spanId).not.toBe(PARENT.split('-')[2]);
    // Request and call, each with the trace's id, and the call's own one with which Crisp was asked.
    expect(text.split(bytesOf(TRACE))).toHaveLength(3);
    expect(text).toContain(bytesOf(spanId ?? ''));
    expect(audit.records[0]).toMatchObject({ traceId: TRACE });
    expect(tracing.counts).toEqual({ exported: 2, failed: 0 });
  });

  test('no span tells a token, wherever it stood', async () => {
    await using receiver = await startReceiver();
    const { tracing } = tracingTo(receiver.url);
    const fixture = await startFixture({ tracing });
    await fixture.post(CALL, { 'user-agent': `client/${TOKEN}` });
    await fixture.send({ path: `/mcp/${token(7)}`, headers: { 'content-type': 'application/json' }, body: '{}' });
    await fixture.send({ path: `/other/${TOKEN}?token=${TOKEN}`, method: 'GET' });
    await fixture.post(rpc('tools/call', { name: TOKEN, arguments: { token: TOKEN } }));
    await fixture.post(rpc(TOKEN));
    await fixture.gateway.close();
    const text = receiver.text();
    expect(text).toContain('not-found');
    for (const secret of [TOKEN, token(7), 'crisp-key-secret']) expect(text).not.toContain(secret);
  });

  test('a trace that is not sampled is passed on as such and not sent', async () => {
    await using receiver = await startReceiver();
    const { tracing } = tracingTo(receiver.url);
    const fixture = await startFixture({ tracing });
    await fixture.post(CALL, { traceparent: PARENT.replace(/01$/, '00') });
    await fixture.gateway.close();
    expect(fixture.caller.calls[0]?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(receiver.text()).toBe('');
  });
});

describe('with a collector that fails', () => {
  test.each(['away', 'hanging'])(
    '%s: requests are answered, spans are lost and counted, the end is not held up',
    async (how) => {
      await using receiver = await startReceiver({ hangs: true });
      const { tracing, log } = tracingTo(how === 'hanging' ? receiver.url : 'http://127.0.0.1:1', {
        OTEL_BSP_MAX_QUEUE_SIZE: '16',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '8',
      });
      const fixture = await startFixture({ tracing });
      for (let count = 0; count < 40; count++) expect((await fixture.post(CALL)).status).toBe(200);
      await expect
        .poll(() => fixture.metricsText(), { timeout: 20_000 })
        .toMatch(/spans_total\{result="failed"[^}]*\} [1-9]/);
      expect((await fixture.post(CALL)).status).toBe(200);
      await fixture.gateway.close();
      expect(log.join('')).toContain('traces cannot be sent');
      expect(log.join('')).not.toContain(KEY);
    },
  );
});

function bytesOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}
