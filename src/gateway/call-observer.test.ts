import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../crisp/outcome.ts';
import { FakeClock } from '../process/clock.ts';
import { FakeSink } from './audit/fake-sink.ts';
import { readerWithRoute, success, TOKEN, tool } from './fakes.ts';
import { type FixtureOptions, modern, rpc, startFixture } from './gateway-fixture.ts';

const CALL = rpc('tools/call', { name: 'list_crisp_conversations', arguments: { page_number: 1 } });

async function audited(options: FixtureOptions = {}) {
  const sink = new FakeSink();
  const fixture = await startFixture({ audit: sink, ...options });
  // The sink has shown that it works, so a required audit takes calls.
  await expect.poll(() => sink.writes).toBeGreaterThan(0);
  return {
    sink,
    fixture,
    records: async (count: number) => {
      await expect.poll(() => sink.records.length).toBe(count);
      return sink.records;
    },
  };
}

describe('the audit', () => {
  test('has a record of each call: who, what, and what came of it; no arguments, no results', async () => {
    const { fixture, records } = await audited({ answer: () => success('{"customer-data":1}') });
    await using _ = fixture;
    const { body, headers } = modern('tools/call', {
      name: 'list_crisp_conversations',
      arguments: { page_number: 54321 },
    });
    const reply = await fixture.post(body, headers);
    await fixture.post(rpc('tools/list'));
    const [record] = await records(1);
    expect(record).toEqual({
      level: 'info',
      time: expect.stringMatching(/^20..-.*Z$/),
      process: 'gateway',
      log: 'audit',
      id: expect.stringMatching(/^[0-9a-f]{12}-1$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      namespace: 'support',
      name: 'assistant',
      clientName: 'fixture',
      clientVersion: '1',
      tool: 'list_crisp_conversations',
      outcome: 'ok',
      result: 'success',
      upstreamStatus: 200,
      durationMs: expect.any(Number),
      bytes: reply.bytes.length,
      message: 'tool call',
    });
    const text = JSON.stringify(record);
    for (const hidden of [TOKEN, 'customer-data', '54321', 'crisp-key-secret']) expect(text).not.toContain(hidden);
  });

  test('has a record of a call that fails by a mistake of ours', async () => {
    const broken = tool('list_crisp_conversations');
    Object.defineProperty(broken, 'tiers', {
      get: () => {
        throw new Error('broken');
      },
    });
    const { fixture, records } = await audited({ tools: [broken], config: { auditRequired: true } });
    await using _ = fixture;
    expect((await fixture.post(CALL)).status).toBe(500);
    const [record] = await records(1);
    expect(record).toMatchObject({ tool: 'list_crisp_conversations', outcome: 'internal-error' });
  });

  test('has a record of a call that outlives its connection, before it is closed', async () => {
    const { sink, fixture } = await audited({ clock: new FakeClock() });
    const begun = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<CallOutcome>();
    fixture.caller.call = (_tool, _args, _access, signal) => {
      begun.resolve();
      signal.addEventListener('abort', () => aborted.resolve());
      return settled.promise;
    };
    const client = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const sent = { method: 'POST', headers, body: JSON.stringify(CALL), signal: client.signal };
    const left = fetch(`${fixture.gateway.url}/mcp/${TOKEN}`, sent).catch(() => undefined);
    await begun.promise;
    client.abort();
    await Promise.all([left, aborted.promise]);
    const closing = fixture.gateway.close();
    // In which a gateway that does not wait has closed its audit.
    for (let turns = 0; turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(sink.closed).toBe(false);
    settled.resolve({ kind: 'failure', code: 'cancelled', message: 'Stopped.' });
    await closing;
    expect(sink.records).toMatchObject([{ outcome: 'client-gone' }]);
  });

  test('arguments are recorded when configured, without what looks like a secret', async () => {
    const { fixture, records } = await audited({ config: { auditArguments: true } });
    await using _ = fixture;
    const args = { page_number: 1, note: `my url ends in ${TOKEN}`, password: 'hunter2' };
    await fixture.post(rpc('tools/call', { name: 'list_crisp_conversations', arguments: args }));
    await fixture.post(rpc('tools/call', { name: TOKEN, arguments: args }));
    const [known, unknown] = await records(2);
    expect(known?.arguments).toEqual({ page_number: 1, note: 'my url ends in …', password: '[redacted]' });
    expect(unknown).toMatchObject({ tool: 'unknown', outcome: 'rpc-error' });
    expect(JSON.stringify(unknown)).not.toContain(TOKEN);
    expect(unknown?.arguments).toBeUndefined();
  });

  test('names the client of an earlier version by its user agent, without what it should not have said', async () => {
    const { fixture, records } = await audited();
    await using _ = fixture;
    await fixture.post(CALL, { 'user-agent': 'claude-code/2.1.330 (cli)' });
    await fixture.post(CALL, { 'user-agent': TOKEN });
    await fixture.post(CALL);
    const [first, second, third] = await records(3);
    expect(first).toMatchObject({ clientName: 'claude-code', clientVersion: '2.1.330' });
    expect(second?.clientName).toBe('…');
    expect(third).not.toHaveProperty('clientName');
  });

  test('has each call of a batch', async () => {
    const { fixture, records } = await audited();
    await using _ = fixture;
    const batch = [
      rpc('tools/call', { name: 'list_crisp_conversations' }, 1),
      rpc('tools/call', { name: 'send_crisp_message' }, 2),
    ];
    await fixture.post(batch, { 'mcp-protocol-version': '2025-03-26' });
    const tools = (await records(2)).map(({ tool }) => tool);
    expect(tools.sort()).toEqual(['list_crisp_conversations', 'send_crisp_message']);
  });

  test.each([
    [
      'a failure of Crisp',
      { kind: 'failure', code: 'rate_limited', message: 'm', upstreamStatus: 429 },
      'tool-error',
      429,
    ],
    [
      'arguments that do not fit',
      { kind: 'failure', code: 'invalid_arguments', message: 'm' },
      'tool-error',
      undefined,
    ],
  ] as const)('%s', async (_name, outcome, expected, upstreamStatus) => {
    const { fixture, records } = await audited({ answer: () => outcome });
    await using _ = fixture;
    await fixture.post(CALL);
    const [record] = await records(1);
    expect(record).toMatchObject({ outcome: expected, result: outcome.code });
    expect(record?.upstreamStatus).toBe(upstreamStatus);
  });

  test('a result that was cut is a success and says so', async () => {
    const { fixture, records } = await audited({ answer: () => ({ ...success('[]'), truncated: true }) });
    await using _ = fixture;
    await fixture.post(CALL);
    expect((await records(1))[0]).toMatchObject({ outcome: 'ok', result: 'success', truncated: true });
  });

  test('what Crisp did is recorded though the token died meanwhile', async () => {
    const reader = readerWithRoute();
    const { fixture, records } = await audited({
      reader,
      answer: () => {
        reader.revoke(TOKEN);
        return success('{}');
      },
    });
    await using _ = fixture;
    expect((await fixture.post(CALL)).status).toBe(404);
    expect((await records(1))[0]).toMatchObject({ outcome: 'not-found', tool: 'list_crisp_conversations' });
  });

  test('a sink that fails costs no call; the loss is counted', async () => {
    const { fixture, sink } = await audited();
    await using _ = fixture;
    sink.failure = new Error('disk full');
    expect((await fixture.post(CALL)).status).toBe(200);
    await expect.poll(() => fixture.metricsText()).toMatch(/gateway_audit_failing\{[^}]*\} 1/);
    await fixture.gateway.close();
    expect(await fixture.metricsText()).toMatch(/gateway_audit_records_total\{result="lost"[^}]*\} 1/);
  });

  test('when it is required, a call that cannot be recorded is not made and is told so', async () => {
    const { fixture, sink, records } = await audited({ config: { auditRequired: true } });
    await using _ = fixture;
    expect((await fixture.post(CALL)).status).toBe(200);
    await records(1);
    sink.failure = new Error('disk full');
    await fixture.post(CALL);
    await expect.poll(() => fixture.metricsText()).toMatch(/gateway_audit_failing\{[^}]*\} 1/);
    const made = fixture.caller.calls.length;
    const reply = await fixture.post(CALL);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '5']);
    expect(reply.json.error.message).toMatch(/cannot write it at the moment. The call was not executed/);
    expect(fixture.caller.calls).toHaveLength(made);
    expect((await fixture.post(rpc('tools/list'))).status).toBe(200);
    sink.failure = undefined;
    await expect.poll(async () => (await fixture.post(CALL)).status).toBe(200);
    expect(await fixture.metricsText()).toMatch(/gateway_audit_calls_total\{result="refused"[^}]*\} [1-9]/);
  });
});
