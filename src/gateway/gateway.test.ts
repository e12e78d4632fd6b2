import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { CallOutcome } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import { seededRandom } from '../process/random.ts';
import { MemoryLedgerStore } from '../routes/ledger/memory-ledger-store.ts';
import { readerWithRoute, routeRecord, success, TOKEN, token } from './fakes.ts';
import { rpc, startFixture } from './gateway-fixture.ts';

const EXP = Date.parse('2026-06-01T12:00:00Z');

test('on a port in use it does not begin, and ends what it had begun', async () => {
  await using first = await startFixture();
  const ledger = new MemoryLedgerStore(new FakeClock());
  const closed = vi.spyOn(ledger, 'close');
  await expect(startFixture({ ledger, config: { port: first.gateway.port } })).rejects.toThrow('EADDRINUSE');
  expect(closed).toHaveBeenCalledOnce();
});

describe('expiry', () => {
  test('over 300 tokens with warm caches, the last millisecond is served and exp itself is not', async () => {
    const clock = new FakeClock(EXP - 1_000);
    const reader = readerWithRoute();
    const tokens = Array.from({ length: 300 }, (_, number) => token(number));
    for (const [index, raw] of tokens.entries()) {
      reader.put(raw, routeRecord({ uid: `uid-${index}`, exp: EXP - 500 + index }));
    }
    await using fixture = await startFixture({ clock, reader });
    const ping = (raw: string) =>
      fixture.send({
        path: `/mcp/${raw}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rpc('ping')),
      });
    await Promise.all(tokens.map(ping));
    const fetched = reader.fetches;
    clock.advance(499);
    for (const raw of tokens) {
      expect((await ping(raw)).status).toBe(200);
      clock.advance(1);
      expect((await ping(raw)).status).toBe(404);
    }
    expect(reader.fetches).toBe(fetched);
  });

  test('a body that trickles in past exp is not served', async () => {
    const clock = new FakeClock(EXP - 1_000);
    await using fixture = await startFixture({ clock, reader: readerWithRoute({ exp: EXP }) });
    const fetched = fixture.reader.fetches;
    const status = new Promise((resolve, reject) => {
      const request = httpRequest(`${fixture.gateway.url}/mcp/${TOKEN}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject);
      request.write('{"jsonrpc":"2.0","id":1,');
      void expect
        .poll(() => fixture.reader.fetches)
        .toBeGreaterThan(fetched + 1)
        .then(() => {
          clock.advance(1_000);
          request.end('"method":"tools/list"}');
        }, reject);
    });
    expect(await status).toBe(404);
  });
});

describe('readiness', () => {
  test('waits for the first verified sync and survives a later loss of the store', async () => {
    const reader = readerWithRoute();
    reader.verified = false;
    await using fixture = await startFixture({ reader });
    expect(fixture.gateway.notReady()).toEqual([expect.stringMatching(/not been verified/)]);
    expect((await fixture.post(rpc('ping'))).status).toBe(503);
    reader.verified = true;
    reader.listener?.allChanged();
    await expect.poll(() => fixture.gateway.notReady()).toEqual([]);
    expect((await fixture.post(rpc('ping'))).status).toBe(200);
    reader.failure = new Error('Redis is down');
    reader.stale = 60_000;
    expect((await fixture.post(rpc('ping'))).status).toBe(503);
    expect(fixture.gateway.notReady()).toEqual([]);
    reader.failure = undefined;
    reader.stale = 0;
    expect((await fixture.post(rpc('ping'))).status).toBe(200);
  });

  test('is found by asking again when nobody announces the verification', async () => {
    const reader = readerWithRoute();
    reader.failure = new Error('Redis is down');
    await using fixture = await startFixture({ reader });
    reader.failure = undefined;
    await expect.poll(() => fixture.gateway.notReady()).toEqual([]);
  });

  test('is lost while the clocks disagree', async () => {
    await using fixture = await startFixture();
    await expect.poll(() => fixture.gateway.notReady()).toEqual([]);
    fixture.reader.offset = -7_200_000;
    expect(fixture.gateway.notReady()).toEqual([expect.stringMatching(/differs .* by -7200.0 s/)]);
  });
});

describe('drain', () => {
  test('is not ready at once, answers running calls with Connection: close, then closes the port', async () => {
    const begun = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<CallOutcome>();
    await using fixture = await startFixture({
      config: { drainDelay: 100 },
      answer: () => {
        begun.resolve();
        return outcome.promise;
      },
    });
    const call = fixture.post(rpc('tools/call', { name: 'list_crisp_conversations' }));
    await begun.promise;
    const drained = fixture.gateway.drain();
    expect(fixture.gateway.notReady()).toEqual([expect.stringMatching(/draining/)]);
    const during = await fixture.post(rpc('ping'));
    expect([during.status, during.headers.connection]).toEqual([200, 'close']);
    outcome.resolve(success('"done"'));
    const reply = await call;
    expect([reply.status, reply.headers.connection]).toEqual([200, 'close']);
    await drained;
    await expect(fixture.post(rpc('ping'))).rejects.toThrow(/ECONNREFUSED/);
  });

  // On a busy machine the system may deliver what was written a moment later: then once more.
  test('answers a request that has arrived on an idle connection before it closes that', { retry: 3 }, async () => {
    await using fixture = await startFixture({ config: { drainDelay: 20 } });
    const client = connect(fixture.gateway.port, '127.0.0.1');
    client.on('error', () => undefined);
    let text = '';
    client.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    const body = JSON.stringify(rpc('ping'));
    const request = `POST /mcp/${TOKEN} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const answers = () => text.match(/HTTP\/1\.1 200/g)?.length;
    client.write(request);
    await expect.poll(answers).toBe(1);
    // Due in the same turn of the event loop as the end of the delay, right before it: the request cannot be read between.
    setTimeout(() => client.write(request), 20);
    const drained = fixture.gateway.drain();
    const until = performance.now() + 40;
    while (performance.now() < until);
    await expect.poll(answers).toBe(2);
    await drained;
  });

  test('cuts calls that outlast the bound, and tells their clients', async () => {
    const begun = Promise.withResolvers<void>();
    await using fixture = await startFixture({
      config: { drainTimeout: 50 },
      answer: () => {
        begun.resolve();
        return new Promise(() => undefined);
      },
    });
    const call = fixture.post(rpc('tools/call', { name: 'send_crisp_message' }));
    await begun.promise;
    await fixture.gateway.drain();
    expect((await call).json.result.content[0].text).toMatch(/being restarted.*unknown whether/);
  });
});

describe('what is told about requests', () => {
  test('one line a request, with the fingerprint and what was asked, and no token anywhere', async () => {
    const fixture = await startFixture({ answer: () => success('{"secret":"customer-data"}') });
    await fixture.post(rpc('initialize', { clientInfo: { name: `me ${TOKEN}`, version: '2' } }));
    await fixture.post(rpc('tools/call', { name: 'list_crisp_conversations', arguments: { q: 'argument' } }), {
      'user-agent': 'agent/1',
    });
    await fixture.post(rpc('tools/call', { name: TOKEN }));
    await fixture.send({ path: `/mcp/${token(4)}`, method: 'GET' });
    await fixture.send({ path: '/mcp', headers: { authorization: `Bearer ${TOKEN}` } });
    const metrics = await fixture.metricsText();
    await fixture.gateway.close();
    const log = fixture.logText();
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({ rpc: 'initialize', version: '2025-11-25', client: 'me …/2' });
    expect(lines[1]).toMatchObject({
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      namespace: 'support',
      name: 'assistant',
      method: 'POST',
      rpc: 'tools/call',
      tool: 'list_crisp_conversations',
      status: 200,
      outcome: 'ok',
      durationMs: expect.any(Number),
      bytes: expect.any(Number),
      client: 'agent/1',
    });
    expect(lines[2]).toMatchObject({ tool: 'unknown', outcome: 'rpc-error' });
    expect(lines[3]).toMatchObject({ status: 404, outcome: 'not-found', method: 'GET' });
    expect(lines[3].fingerprint).toBeUndefined();
    for (const secret of [TOKEN, token(4), 'crisp-key-secret', 'customer-data', 'argument']) {
      expect(log).not.toContain(secret);
      expect(metrics).not.toContain(secret);
    }
    expect(metrics).toMatch(/requests_total\{[^}]*rpc="tools\/call",outcome="ok"[^}]*\} 1/);
    expect(metrics).toMatch(/tool_calls_total\{[^}]*result="success"[^}]*\} 1/);
    expect(metrics).toMatch(/route_lookups_total\{[^}]*result="hit"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/gateway_ready\{?[^}]*\}? [01]/);
  });

  test('a log that cannot be written loses lines, not requests', async () => {
    const { AccessLog } = await import('./access-log.ts');
    const log = new AccessLog({
      clock: new FakeClock(),
      random: seededRandom(1),
      destination: {
        write: () => {
          throw new Error('disk full');
        },
      },
    });
    log.write({
      time: 0,
      fingerprint: undefined,
      namespace: undefined,
      name: undefined,
      method: 'GET',
      rpc: 'none',
      tool: undefined,
      status: 404,
      outcome: 'not-found',
      durationMs: 1,
      bytes: 0,
      client: undefined,
      version: undefined,
    });
    log.flush();
    expect(log.lost).toBe(1);
  });
});
