import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditTrail } from '../../src/gateway/audit/audit-trail.ts';
import { createRedisSink } from '../../src/gateway/audit/redis-sink.ts';
import { systemClock } from '../../src/process/clock.ts';
import { createLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { AUDIT_RULES, GATEWAY_RULES } from '../../src/routes/redis/acl.ts';
import { AUDIT_KEY } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';

/** The audit's stream on a real Redis, by a user with exactly the rights of `redis/acl.ts`. */
const PASSWORD = issueSecret('p%ss of the audit w:rd/@', 'password of the Redis user');
const logs: string[] = [];
const logger = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => logs.push(line) } });

const RECORD = {
  time: Date.parse('2026-01-01T00:00:00Z'),
  fingerprint: '0123456789ab',
  namespace: 'support',
  name: 'assistant',
  client: 'inspector/2.12.0',
  tool: 'list_crisp_conversations',
  outcome: 'ok',
  result: 'success',
  truncated: false,
  upstreamStatus: 200,
  durationMs: 12,
  bytes: 100,
  arguments: undefined,
  traceId: undefined,
} as const;

let server: RedisServer;

async function defineUser(): Promise<void> {
  await server.command('ACL', 'SETUSER', 'gateway', 'on', `>${PASSWORD}`, ...GATEWAY_RULES, ...AUDIT_RULES);
}

function trailOf(maxLength = 100_000, maxRecords = 10_000) {
  const url = `redis://gateway:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
  const parts = { clock: systemClock, random: systemRandom, logger };
  const sink = createRedisSink({ ...parts, redis: { url }, maxLength });
  return new AuditTrail({ ...parts, sink, required: true, maxRecords });
}

function record(trail: AuditTrail): boolean {
  const begun = trail.begin();
  if (begun) trail.record(RECORD);
  return begun;
}

async function ids(): Promise<string[]> {
  const entries = await server.command('XRANGE', AUDIT_KEY, '-', '+');
  return [...JSON.stringify(entries).matchAll(/\\"id\\":\\"[0-9a-f]+-(\d+)\\"/g)].map(([, id = '']) => id);
}

beforeAll(async () => {
  server = await startRedis({ name: 'audit' });
  await defineUser();
});

afterAll(() => {
  for (const line of logs) expect(line).not.toContain(PASSWORD);
});

describe('the audit in a Redis stream', () => {
  test('survives a Redis that is away and one that hangs: refused meanwhile, nothing lost', async () => {
    const trail = trailOf();
    await eventually(() => expect(trail.begin()).toBe(true), { timeout: 20_000, what: 'the first connection' });
    trail.record(RECORD);
    await eventually(() => expect(trail.written).toBe(1), { timeout: 20_000, what: 'the first record' });

    server.freeze();
    let made = 1;
    await eventually(
      () => {
        if (record(trail)) made += 1;
        expect(trail.failing).toBe(true);
      },
      { timeout: 30_000, what: 'a hanging Redis being noticed' },
    );
    expect(record(trail)).toBe(false);
    server.thaw();
    await eventually(() => expect(trail.written).toBe(made), { timeout: 30_000, what: 'the records written late' });

    await server.restart({ empty: true });
    await defineUser();
    await eventually(() => expect(record(trail)).toBe(true), { timeout: 30_000, what: 'Redis being found again' });
    await trail.close();
    expect(trail.lost).toBe(0);
    expect(await ids()).toContain(String(made + 1));
  });

  test('keeps about as many entries as it is told', async () => {
    const trail = trailOf(1_000);
    await eventually(() => expect(trail.failing).toBe(false), { timeout: 20_000, what: 'the connection' });
    for (let count = 0; count < 5_000; count++) {
      await eventually(() => expect(record(trail)).toBe(true), { timeout: 20_000, what: 'a place' });
    }
    await trail.close();
    const length = Number(await server.command('XLEN', AUDIT_KEY));
    expect(length).toBeGreaterThanOrEqual(1_000);
    expect(length).toBeLessThan(1_500);
    expect((await ids()).at(-1)).toBe('5000');
  });

  test('fills up while Redis refuses writes for want of memory, and goes on when it takes them', async () => {
    const trail = trailOf(100_000, 50);
    await eventually(() => expect(trail.failing).toBe(false), { timeout: 20_000, what: 'the connection' });
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    let begun = 0;
    while (begun < 50 && trail.begin()) begun += 1;
    expect(begun).toBe(50);
    expect(trail.begin()).toBe(false);
    for (let count = 0; count < begun; count++) trail.record(RECORD);
    await eventually(() => expect(trail.failing).toBe(true), { timeout: 20_000, what: 'the refusal' });
    expect([trail.backlog, trail.lost]).toEqual([50, 0]);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await eventually(() => expect(trail.written).toBe(50), { timeout: 20_000, what: 'the records written late' });
    await trail.close();
  });
});
