import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../process/logger.ts';
import { seededRandom } from '../process/random.ts';
import type { Lease } from './core-types.ts';
import { DriftingWorld, ProcessClock } from './drifting-world.ts';
import { LeaderElector, type LeaderElectorOptions } from './leader-elector.ts';
import { badNetwork, LeaseDouble, type Network, quickNetwork } from './lease-double.ts';

interface Replica {
  clock: ProcessClock;
  elector: LeaderElector;
  terms: number[];
  lost: string[];
}

function replica(
  world: DriftingWorld,
  lease: LeaseDouble,
  identity: string,
  options: { speed?: number; wallOffset?: number; network?: Network } & Partial<LeaderElectorOptions> = {},
): Replica {
  const { speed = 1, wallOffset = Date.parse('2026-01-01T00:00:00Z'), network = quickNetwork, ...rest } = options;
  const clock = new ProcessClock(world, { speed, wallOffset });
  const terms: number[] = [];
  const lost: string[] = [];
  const elector = new LeaderElector({
    api: lease.seenBy(clock, network),
    namespace: 'crisp',
    leaseName: 'crisp-mcp-operator',
    identity,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    onStarted: (transitions) => terms.push(transitions),
    onLost: (reason) => lost.push(reason),
    ...rest,
  });
  return { clock, elector, terms, lost };
}

function specOf(lease: LeaseDouble): NonNullable<Lease['spec']> {
  const stored = lease.stored;
  if (stored === undefined || !('spec' in stored)) throw new Error('There is no lease');
  return stored.spec as NonNullable<Lease['spec']>;
}

function bench() {
  const world = new DriftingWorld();
  const lease = new LeaseDouble(world);
  const pass = (milliseconds: number) => world.pass(milliseconds, () => undefined);
  return { world, lease, pass };
}

describe('one replica', () => {
  test('takes a lease that does not exist, and keeps renewing it without reading', async () => {
    const { world, lease, pass } = bench();
    const { elector, terms, lost } = replica(world, lease, 'a');
    elector.start();
    await pass(60_000);
    expect(elector.isLeader()).toBe(true);
    expect(terms).toEqual([0]);
    expect(lost).toEqual([]);
    expect(lease.served.slice(0, 3)).toEqual(['get', 'create', 'replace']);
    expect(lease.served.filter((call) => call === 'get')).toHaveLength(1);
    expect(lease.served.length).toBeGreaterThan(28);
    expect(specOf(lease)).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  });

  test('writes times with exactly six fractional digits', async () => {
    const { world, lease, pass } = bench();
    replica(world, lease, 'a').elector.start();
    await pass(10_000);
    const { acquireTime, renewTime } = specOf(lease);
    for (const time of [acquireTime, renewTime]) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(acquireTime).not.toBe(renewTime);
  });

  test('takes a lease over again after somebody else changed a label of it', async () => {
    const { world, lease, pass } = bench();
    const { elector, lost } = replica(world, lease, 'a');
    elector.start();
    await pass(5000);
    const stored = lease.stored;
    if (stored === undefined) throw new Error('There is no lease');
    lease.stored = { ...stored, metadata: { ...stored.metadata, labels: { team: 'x' }, resourceVersion: '1000' } };
    await pass(20_000);
    expect(elector.isLeader()).toBe(true);
    expect(lost).toEqual([]);
    expect(lease.stored.metadata.labels).toEqual({ team: 'x' });
  });

  test('creates a lease anew that was deleted while it led, with the same transitions', async () => {
    const { world, lease, pass } = bench();
    const first = replica(world, lease, 'a');
    first.elector.start();
    await pass(1000);
    const stopped = first.elector.stop();
    await pass(100);
    await stopped;
    const { elector, terms } = replica(world, lease, 'b');
    elector.start();
    await pass(5000);
    expect(terms).toEqual([1]);
    lease.stored = undefined;
    await pass(5000);
    expect(elector.isLeader()).toBe(true);
    expect(specOf(lease)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('is lost when it cannot renew for the renew deadline, and never leads again', async () => {
    const { world, lease, pass } = bench();
    let reachable = true;
    const network: Network = () => ({ ...quickNetwork(), lost: reachable ? undefined : 'request' });
    const { elector, terms, lost } = replica(world, lease, 'a', { network });
    elector.start();
    await pass(3000);
    reachable = false;
    await pass(7000);
    expect(elector.isLeader()).toBe(true);
    await pass(3000);
    expect(elector.isLeader()).toBe(false);
    expect(lost).toEqual(['The lease was not renewed within 10000 ms']);
    reachable = true;
    await pass(60_000);
    expect(elector.isLeader()).toBe(false);
    expect(terms).toHaveLength(1);
    expect(lost).toHaveLength(1);
  });

  test('survives an API that is away for less than the renew deadline', async () => {
    const { world, lease, pass } = bench();
    let reachable = true;
    const network: Network = () => ({ ...quickNetwork(), lost: reachable ? undefined : 'request' });
    const { elector, lost } = replica(world, lease, 'a', { network });
    elector.start();
    await pass(3000);
    reachable = false;
    await pass(4000);
    reachable = true;
    await pass(30_000);
    expect(elector.isLeader()).toBe(true);
    expect(lost).toEqual([]);
  });

  test('is lost when its work cannot start', async () => {
    const { world, lease, pass } = bench();
    const { elector, lost } = replica(world, lease, 'a', {
      onStarted: () => {
        throw new Error('no store');
      },
    });
    elector.start();
    await pass(1000);
    expect(elector.isLeader()).toBe(false);
    expect(lost).toEqual(['The leader could not start its work']);
  });

  test.each([
    ['a lease no longer than the renew deadline', { leaseDurationMs: 10_000 }],
    ['a renew deadline no longer than the jittered retry period', { retryPeriodMs: 9000 }],
    ['a lease of broken seconds', { leaseDurationMs: 15_500 }],
  ])('%s is refused', (_, times) => {
    const { world, lease } = bench();
    expect(() => replica(world, lease, 'a', times)).toThrow(RangeError);
  });
});

describe('two replicas', () => {
  test('the second waits while the first renews, however wrong their wall clocks are', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b', { wallOffset: Date.parse('2031-01-01T00:00:00Z') });
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(120_000);
    expect(a.elector.isLeader()).toBe(true);
    expect(b.terms).toEqual([]);
    expect(b.elector.leader).toBe('a');
  });

  test('a killed leader is followed within lease and retry, with one more transition', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(5000);
    a.clock.freeze(1e9);
    await pass(11_000);
    expect(b.terms).toEqual([]);
    await pass(9000);
    expect(b.terms).toEqual([1]);
    expect(specOf(lease)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('a leader frozen past its lease knows it as soon as it runs again, before its timers and answers do', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(5000);
    const believed: boolean[] = [];
    world.schedule(0, () => believed.push(a.elector.isLeader()), { process: a.clock });
    a.clock.freeze(30_000);
    await pass(30_100);
    expect(believed).toEqual([false]);
    expect(b.elector.isLeader()).toBe(true);
    expect(a.lost).toHaveLength(1);
    await pass(60_000);
    expect(specOf(lease).holderIdentity).toBe('b');
  });

  test('a candidate frozen while the lease was granted to it does not lead on what it reads afterwards', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(7);
    expect(specOf(lease).holderIdentity).toBe('a');
    expect(a.elector.isLeader()).toBe(false);
    a.clock.freeze(30_000);
    b.elector.start();
    await pass(40_000);
    expect(b.elector.isLeader()).toBe(true);
    expect(a.terms).toEqual([]);
    expect(a.elector.isLeader()).toBe(false);
  });

  test('a leader frozen while a renewal was stored does not go on leading on its answer', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(1000);
    b.elector.start();
    const renewals = lease.served.length;
    while (lease.served.length === renewals || lease.served.at(-1) !== 'replace') await pass(1);
    a.clock.freeze(30_000);
    const believed: boolean[] = [];
    await world.pass(40_000, () => believed.push(a.elector.isLeader() && b.elector.isLeader()));
    expect(believed).not.toContain(true);
    expect(b.terms).toEqual([1]);
    expect(a.lost).toHaveLength(1);
  });

  test('a leader that stops releases the lease, so that the next need not wait', async () => {
    const { world, lease, pass } = bench();
    const seen: string[] = [];
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b', { onNewLeader: (identity) => seen.push(identity) });
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(5000);
    const stopped = a.elector.stop();
    expect(a.elector.isLeader()).toBe(false);
    await pass(100);
    await stopped;
    expect(specOf(lease)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
    await pass(4500);
    expect(b.terms).toEqual([1]);
    expect(a.lost).toEqual([]);
    expect(seen).toEqual(expect.arrayContaining(['a', 'b']));
  });

  test('stopping ends in bounded time even when the API does not answer', async () => {
    const { world, lease, pass } = bench();
    let reachable = true;
    const network: Network = () => ({ ...quickNetwork(), lost: reachable ? undefined : 'request' });
    const { elector } = replica(world, lease, 'a', { network });
    elector.start();
    await pass(3000);
    reachable = false;
    let stopped = false;
    void elector.stop().then(() => {
      stopped = true;
    });
    await pass(10_000);
    expect(stopped).toBe(true);
  });

  test('a follower that stops leaves the lease alone', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(2000);
    const stopped = b.elector.stop();
    await pass(10_000);
    await stopped;
    expect(specOf(lease).holderIdentity).toBe('a');
    expect(a.elector.isLeader()).toBe(true);
  });

  test('a vanished lease is not taken while its last holder may still believe in it', async () => {
    const { world, lease, pass } = bench();
    const a = replica(world, lease, 'a');
    const b = replica(world, lease, 'b');
    a.elector.start();
    await pass(1000);
    b.elector.start();
    await pass(4000);
    a.clock.freeze(1e9);
    lease.stored = undefined;
    await pass(9000);
    expect(b.terms).toEqual([]);
    await pass(12_000);
    expect(b.terms).toEqual([1]);
  });
});

/**
 * Processes with clocks of different speed are frozen, cut off, killed, stopped and replaced by new ones. Whatever
 * happens: at no true instant do two believe that they lead, each new leader has a higher number, and once the
 * disturbances end somebody leads.
 */
test('never two believing leaders, under drift, freezes, lost and late messages, crashes and releases', async () => {
  const disturbance = fc.record({
    afterMs: fc.integer({ min: 0, max: 15_000 }),
    victim: fc.nat({ max: 2 }),
    what: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('freeze' as const, 'cut' as const) },
      { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'stop' as const) },
    ),
    lastsMs: fc.integer({ min: 100, max: 40_000 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(disturbance, { minLength: 1, maxLength: 12 }),
      fc.array(fc.double({ min: 0.85, max: 1.15, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.nat({ max: 1e6 }),
      async (disturbances, speeds, seed) => {
        const world = new DriftingWorld();
        const lease = new LeaseDouble(world);
        const random = seededRandom(seed);
        const everyone: Replica[] = [];
        const terms: number[] = [];
        const slots = speeds.map((speed) => {
          const slot = { badUntil: 0, speed, current: undefined as Replica | undefined };
          const spawn = () => {
            const born = replica(world, lease, `process-${everyone.length}`, {
              speed,
              network: badNetwork(random, () => world.now < slot.badUntil),
              random,
              onStarted: (transitions) => terms.push(transitions),
              onLost: () => {
                world.schedule(1000, spawn);
              },
            });
            everyone.push(born);
            slot.current = born;
            born.elector.start();
          };
          spawn();
          return { slot, spawn };
        });
        const observe = () => {
          const believers = everyone.filter(({ elector }) => elector.isLeader());
          if (believers.length > 1) throw new Error(`${believers.length} believe that they lead at ${world.now} ms`);
        };
        for (const { afterMs, victim, what, lastsMs } of disturbances) {
          await world.pass(afterMs, observe);
          const target = slots[victim];
          const process = target?.slot.current;
          if (target === undefined || process === undefined) continue;
          if (what === 'freeze') process.clock.freeze(lastsMs);
          if (what === 'cut') target.slot.badUntil = world.now + lastsMs;
          if (what === 'kill') process.clock.freeze(1e9);
          if (what === 'stop') void process.elector.stop();
          if (what === 'kill' || what === 'stop') world.schedule(lastsMs, target.spawn);
        }
        await world.pass(150_000, observe);
        expect(everyone.filter(({ elector }) => elector.isLeader())).toHaveLength(1);
        expect(terms).toEqual([...new Set(terms)].sort((a, b) => a - b));
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);
