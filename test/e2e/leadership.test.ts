import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { EPOCH_KEY, LEDGER_PREFIX } from '../../src/routes/store-keys.ts';
import { startApiProxy } from '../harness/api-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { startRedisProxy } from '../harness/redis-proxy.ts';
import { type HeldWrite, WriteTrap } from '../harness/write-trap.ts';
import { type Installation, install, type OperatorProcess } from './installation.ts';
import { wholeSecondAhead } from './manifests.ts';
import { listTools, mcpRequest } from './mcp-client.ts';
import { keysIn } from './store-content.ts';
import { UrlWatch } from './url-watch.ts';

/**
 * Two operators, one of which leads: what users notice when the leader dies, is asked to go, or stands still for longer
 * than its lease and then goes on as if nothing had happened. Each operator has its own way to the API server and to
 * Redis, where its writes are recorded and can be held back.
 */
const LEASE = 6;
/** Seconds that a busy machine may add to what a lease makes people wait. */
const SLACK = 15;

let site: Installation;

beforeAll(async () => {
  site = await install({ name: 'leadership', operators: 0, leaseDuration: LEASE });
  await startTapped(site);
  await site.applyAccount();
});

interface Tapped {
  readonly operator: OperatorProcess;
  readonly trap: WriteTrap;
}

async function startTapped(at: Installation): Promise<Tapped> {
  const trap = new WriteTrap();
  const [api, redis] = await Promise.all([startApiProxy(at.cluster, trap), startRedisProxy(at.redis.port, trap)]);
  const operator = await at.startOperator({ apiServerUrl: api.url, redisUrl: redis.url });
  void operator.process.exited.then(() => Promise.all([api.close(), redis.close()]));
  tapped.push({ operator, trap });
  return { operator, trap };
}

const tapped: Tapped[] = [];

/** The one that leads and one that follows, warm. */
async function leaderAndFollower(): Promise<{ leader: Tapped; follower: Tapped }> {
  const leader = await eventually(
    async () => {
      const holder = await site.leader();
      const found = tapped.find(({ operator }) => operator === holder && operator.process.isRunning);
      if (found === undefined) throw new Error('nobody leads');
      return found;
    },
    { timeout: 30_000, what: 'an operator leading' },
  );
  const follower =
    tapped.find(({ operator }) => operator !== leader.operator && operator.process.isRunning) ??
    (await startTapped(site));
  return { leader, follower };
}

async function untilLeads({ operator }: Tapped, timeout: number): Promise<void> {
  await eventually(async () => expect((await site.leader())?.process.name).toBe(operator.process.name), {
    timeout,
    what: `${operator.process.name} holding the lease`,
  });
}

async function epoch(): Promise<number> {
  return Number(String(await site.redis.command('GET', EPOCH_KEY)).split(' ')[0]);
}

function watched(...urls: string[]): UrlWatch {
  const watch = new UrlWatch(urls, 50);
  onTestFinished(async () => void (await watch.stop()));
  return watch;
}

/** Everything that a late write could have changed: versions of objects, and what Redis holds. */
async function snapshot(): Promise<Record<string, string>> {
  const list = await site.kubectl('get', 'crispmcpservers,crispaccounts,secrets', '-o', 'json');
  const items: { kind: string; metadata: { name: string; resourceVersion: string } }[] = JSON.parse(list).items;
  const objects = items.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion]);
  const keys = (await keysIn(site.redis)).filter((key) => !key.startsWith(LEDGER_PREFIX));
  const values = await Promise.all(keys.map(async (key) => [key, String(await site.redis.command('GET', key))]));
  return Object.fromEntries([...objects, ...values]);
}

describe('when the leader is killed', () => {
  test('the follower leads within the lease, edits work again, and URLs are served all the time', async () => {
    const { leader, follower } = await leaderAndFollower();
    await site.applyServer('killed', { methods: ['read'], tags: ['support'] });
    const url = await site.urlOf('killed');
    const watch = watched(url);
    const before = await epoch();
    const killedAt = Date.now();
    await leader.operator.process.kill();
    await site.applyServer('killed', { methods: ['read'], tags: ['helpdesk'] });
    await untilLeads(follower, (LEASE + SLACK) * 1_000);
    await eventually(async () => expect(await listTools(url)).toContain('list_all_crisp_helpdesk_articles'), {
      timeout: killedAt + (LEASE + SLACK) * 1_000 - Date.now(),
      what: 'the edit being in force',
    });
    expect(await epoch()).toBeGreaterThan(before);
    expect(new Set((await watch.stop()).map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('when the leader is asked to end', () => {
  test('it releases the lease, the follower leads at once, and URLs are served all the time', async () => {
    const { leader, follower } = await leaderAndFollower();
    await site.applyServer('drained');
    const url = await site.urlOf('drained');
    const watch = watched(url);
    const before = await epoch();
    expect(await leader.operator.process.stop()).toEqual({ code: 0, signal: null });
    const goneAt = Date.now();
    await untilLeads(follower, LEASE * 1_000);
    expect(Date.now() - goneAt).toBeLessThan((LEASE - 1) * 1_000);
    await eventually(async () => expect(await epoch()).toBeGreaterThan(before));
    await site.applyServer('drained', { suspend: true });
    await site.waitForReason('drained', 'SuspendRequested');
    expect(watch.statusesOf(url)).toContain(200);
    const served = (await watch.stop()).map(({ status }) => status);
    expect(served.slice(0, served.lastIndexOf(200)).filter((status) => status !== 200)).toEqual([]);
  });
});

describe('when the leader stands still for longer than its lease', () => {
  test('another takes over, and the old one ends without having written anything when it goes on', async () => {
    const { leader, follower } = await leaderAndFollower();
    for (const name of ['kept', 'revoked']) await site.applyServer(name, { methods: ['read'], tags: ['support'] });
    const [kept, revoked] = [await site.urlOf('kept'), await site.urlOf('revoked')];
    leader.operator.process.freeze();
    await untilLeads(follower, (LEASE + SLACK) * 1_000);
    await site.kubectl('delete', 'crispmcpserver', 'revoked', '--timeout=20s');
    await eventually(async () => expect((await mcpRequest(revoked, 'ping')).status).toBe(404), { timeout: 5_000 });
    await site.applyServer('kept', { methods: ['read'], tags: ['helpdesk'] });
    await eventually(async () => expect(await listTools(kept)).toContain('list_all_crisp_helpdesk_articles'));
    const watch = watched(kept, revoked);
    const before = await snapshot();
    leader.trap.forget();

    leader.operator.process.thaw();
    expect(await leader.operator.process.exited).toEqual({ code: 1, signal: null });
    expect(leader.trap.writes.filter(({ outcome }) => /^(20\d|OK)$/.test(outcome ?? ''))).toEqual([]);
    expect(await snapshot()).toEqual(before);
    expect((await site.leader())?.process.name).toBe(follower.operator.process.name);
    await eventually(() => expect(watch.statusesOf(kept).length).toBeGreaterThan(20));
    await watch.stop();
    expect(new Set(watch.statusesOf(kept))).toEqual(new Set([200]));
    expect(new Set(watch.statusesOf(revoked))).toEqual(new Set([404]));
  });

  test('writes of it that were on their way arrive too late and are refused', async () => {
    const { leader, follower } = await leaderAndFollower();
    for (const late of LATE_WRITES) await late.arrange?.(site);
    const held: { late: LateWrite; write: HeldWrite }[] = [];
    for (const late of LATE_WRITES) {
      const write = leader.trap.hold((what) => what === late.write);
      await late.provoke(site);
      await eventually(() => expect(leader.trap.writes.map(({ what }) => what)).toContain(late.write), {
        what: `the leader sending "${late.write}"`,
      });
      await write.caught;
      held.push({ late, write });
    }
    leader.operator.process.freeze();
    await untilLeads(follower, (LEASE + SLACK) * 1_000);
    for (const { late } of held) await late.overtake(site);
    const before = await snapshot();

    for (const { late, write } of held) expect([late.write, await write.release()]).toEqual([late.write, late.outcome]);
    leader.operator.process.thaw();
    expect(await leader.operator.process.exited).toEqual({ code: 1, signal: null });
    expect(await snapshot()).toEqual(before);
    expect((await site.leader())?.process.name).toBe(follower.operator.process.name);
  });
  test('its claim on the store, when it comes late, does not push out its successor', async () => {
    const { leader: first, follower: second } = await leaderAndFollower();
    const claim = second.trap.hold((what) => what === 'redis take-epoch');
    await first.operator.process.kill();
    await claim.caught;
    second.operator.process.freeze();
    const third = await startTapped(site);
    await untilLeads(third, (LEASE + SLACK) * 1_000);
    await site.applyServer('claimed');
    await site.urlOf('claimed');
    const before = await snapshot();

    expect(await claim.release()).toBe('LATER');
    second.operator.process.thaw();
    expect(await second.operator.process.exited).toEqual({ code: 1, signal: null });
    expect(await snapshot()).toEqual(before);
    await site.applyServer('claimed', { suspend: true });
    await site.waitForReason('claimed', 'SuspendRequested');
    expect((await site.leader())?.process.name).toBe(third.operator.process.name);
  });
});

/** One write of the old leader that is held on its way, and what the new one does before it arrives. */
interface LateWrite {
  readonly write: string;
  /** With everything in order. */
  readonly arrange?: (at: Installation) => Promise<unknown>;
  /** Makes the leader send the write. */
  readonly provoke: (at: Installation) => Promise<unknown>;
  /** Under the new leader: a state that the late write would spoil. */
  readonly overtake: (at: Installation) => Promise<unknown>;
  /** What the server says to it. */
  readonly outcome: string;
}

const serve =
  (name: string, spec: Parameters<Installation['applyServer']>[1] = {}) =>
  async (at: Installation) => {
    await at.applyServer(name, spec);
    return await at.urlOf(name);
  };

const LATE_WRITES: readonly LateWrite[] = [
  {
    write: 'PATCH crispmcpservers/late-finalizer',
    provoke: (at) => at.applyServer('late-finalizer'),
    overtake: (at) => at.urlOf('late-finalizer'),
    outcome: '409',
  },
  {
    write: 'PATCH crispmcpservers/late-status/status',
    arrange: serve('late-status', { tags: ['support'] }),
    provoke: (at) => at.applyServer('late-status', { tags: ['helpdesk'] }),
    overtake: async (at) => {
      await at.applyServer('late-status', { suspend: true });
      await at.waitForReason('late-status', 'SuspendRequested');
    },
    outcome: '409',
  },
  {
    write: 'POST secrets/late-secret-mcp',
    arrange: serve('late-secret'),
    provoke: (at) => at.kubectl('delete', 'secret', 'late-secret-mcp'),
    overtake: (at) => eventually(async () => expect(await at.urlInSecret('late-secret')).toBeDefined()),
    outcome: '409',
  },
  {
    write: 'DELETE secrets/late-removal-mcp',
    arrange: serve('late-removal', { expirationPolicy: 'Retain' }),
    provoke: (at) => at.applyServer('late-removal', { expirationPolicy: 'Retain', expiresAt: wholeSecondAhead(500) }),
    overtake: async (at) => {
      await at.waitForReason('late-removal', 'ExpiresAtPassed');
      await at.applyServer('late-removal', { expirationPolicy: 'Retain' });
      await at.urlOf('late-removal');
    },
    outcome: '409',
  },
  {
    write: 'DELETE crispmcpservers/late-deletion',
    arrange: serve('late-deletion'),
    provoke: (at) => at.applyServer('late-deletion', { expiresAt: wholeSecondAhead(500) }),
    overtake: async (at) => {
      await at.kubectl('wait', '--for=delete', 'crispmcpserver/late-deletion', '--timeout=20s');
      await at.applyServer('late-deletion');
      await at.urlOf('late-deletion');
    },
    outcome: '409',
  },
  {
    // Last, because what the leader sends to Redis goes one after the other.
    write: 'redis delete-routes',
    arrange: serve('late-revocation'),
    provoke: (at) => at.applyServer('late-revocation', { suspend: true }),
    overtake: async (at) => {
      await at.waitForReason('late-revocation', 'SuspendRequested');
      await at.applyServer('late-revocation', { suspend: false });
      await at.urlOf('late-revocation');
    },
    outcome: 'STALE',
  },
];
