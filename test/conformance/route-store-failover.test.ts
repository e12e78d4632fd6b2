import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import { createKeyring, newKeyringEntry } from '../../src/routes/keyring.ts';
import type { LedgerBatch } from '../../src/routes/ledger/gateway-ledger.ts';
import { createRedisLedgerStore } from '../../src/routes/ledger/redis-ledger-store.ts';
import { createRedisRouteReader } from '../../src/routes/redis-route-reader.ts';
import { createRedisRouteWriter } from '../../src/routes/redis-route-writer.ts';
import { EPOCH_KEY } from '../../src/routes/store-keys.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import { joinCluster, REPLICATING, replicated, startClusterNode, startSentinels } from '../harness/redis-topology.ts';
import { hash, Recorder, route } from './route-store-suite.ts';

/**
 * The route store on several Redis servers: both sides follow the master, in a cluster and with Sentinel, and what a
 * promoted replica holds is served by nobody before a leader has rebuilt it.
 */
const PATIENCE = { timeout: 20_000, interval: 50 };
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function openStore(url: string) {
  const keyring = createKeyring({ current: issueSecret(newKeyringEntry(systemRandom)) });
  const options = { redis: { url }, keyring, clock: systemClock, logger: silentLogger, commandTimeout: 500 };
  const writer = createRedisRouteWriter(options);
  const reader = createRedisRouteReader(options);
  opened.push(writer, reader);
  return { writer, reader };
}

const NOTHING: LedgerBatch = { amounts: new Map(), instants: new Map() };

function openLedger(url: string) {
  const parts = { clock: systemClock, random: systemRandom, logger: silentLogger };
  const ledger = createRedisLedgerStore({ ...parts, redis: { url } });
  opened.push({ close: async () => ledger.close() });
  return ledger;
}

/** Writes two routes, loses the master after revoking one of them, and follows the store to its next master. */
async function followThroughFailover(url: string, failOver: () => Promise<void>): Promise<void> {
  const { writer, reader } = openStore(url);
  const recorder = new Recorder();
  const ledger = openLedger(url);
  await reader.start(recorder);
  const epoch = await eventually(() => writer.takeEpoch(0), PATIENCE);
  await eventually(async () => expect((await ledger.exchange('a', NOTHING)).replicas).toBe(1), PATIENCE);
  await writer.putRoute(epoch, hash('live'), route());
  await writer.putRoute(epoch, hash('revoked'), route({ uid: 'gone' }));
  await writer.markVerified(epoch);
  await eventually(
    async () => expect(await reader.fetchRoute(hash('live'))).toMatchObject({ route: route() }),
    PATIENCE,
  );
  expect(await writer.deleteRoutes(epoch, 'gone')).toBe(1);

  await failOver();
  recorder.heard.splice(0);
  await eventually(async () => expect(await reader.fetchRoute(hash('live'))).toEqual({ verified: false }), PATIENCE);
  expect(await reader.fetchRoute(hash('revoked'))).toEqual({ verified: false });
  await eventually(async () => expect(await writer.isVerified()).toBe(false), PATIENCE);

  const next = await eventually(() => writer.takeEpoch(0), PATIENCE);
  expect(next).toBeGreaterThan(epoch);
  await writer.removeRoutes(next, [hash('revoked')]);
  await writer.putRoute(next, hash('live'), route());
  await writer.markVerified(next);
  await eventually(
    async () => expect(await reader.fetchRoute(hash('live'))).toMatchObject({ route: route() }),
    PATIENCE,
  );
  expect(await reader.fetchRoute(hash('revoked'))).toEqual({ verified: true, route: undefined });
  // The ledger is kept there, and changes are heard from there.
  await eventually(async () => expect((await ledger.exchange('a', NOTHING)).replicas).toBe(1), PATIENCE);
  await writer.putRoute(next, hash('another'), route());
  await eventually(() => expect(recorder.heard).toContain(`route ${hash('another')}`), PATIENCE);
}

/** Passes connections on to the port that `choose` gives for the first bytes a client sends. */
async function startProxy(choose: (firstBytes: string) => number) {
  const sockets = new Set<Socket>();
  const state = { connections: 0 };
  const server = createServer((client) => {
    state.connections += 1;
    client.once('data', (first) => {
      const upstream = connect({ host: '127.0.0.1', port: choose(first.toString('latin1')) });
      upstream.write(first);
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          client.destroy();
          upstream.destroy();
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return state.connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const start = (name: string): Promise<RedisServer> => startRedis({ name, flags: REPLICATING });

describe('The route store on several Redis servers', () => {
  test('follows the owner of its slot in a cluster, also to a promoted replica', { timeout: 60_000 }, async () => {
    const [seed, owner, replica] = await Promise.all(
      ['cluster-seed', 'cluster-owner', 'cluster-replica'].map(startClusterNode),
    );
    if (seed === undefined || owner === undefined || replica === undefined) throw new Error('three nodes');
    const slot = Number(await seed.command('CLUSTER', 'KEYSLOT', EPOCH_KEY));
    await seed.command('CLUSTER', 'ADDSLOTSRANGE', 0, slot - 1, slot + 1, 16_383);
    await owner.command('CLUSTER', 'ADDSLOTS', slot);
    await joinCluster([seed, owner, replica]);
    const ownerId = String(await owner.command('CLUSTER', 'MYID'));
    await replicated(owner, replica, () => replica.command('CLUSTER', 'REPLICATE', ownerId));
    await followThroughFailover(`redis+cluster://127.0.0.1:${seed.port}`, async () => {
      await owner.kill();
      await replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    });
  });

  test('follows the owner that hands over while everything is up', { timeout: 60_000 }, async () => {
    const [first, second] = await Promise.all(['cluster-first', 'cluster-second'].map(startClusterNode));
    if (first === undefined || second === undefined) throw new Error('two nodes');
    await first.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await joinCluster([first, second]);
    const firstId = String(await first.command('CLUSTER', 'MYID'));
    await replicated(first, second, () => second.command('CLUSTER', 'REPLICATE', firstId));
    await followThroughFailover(`redis+cluster://127.0.0.1:${first.port}`, async () => {
      await second.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    });
  });

  test('follows the master that Sentinel names', { timeout: 60_000 }, async () => {
    const master = await start('sentinel-master');
    const replica = await start('sentinel-replica');
    await replicated(master, replica);
    const { url } = await startSentinels(master, { count: 1, downAfter: 500 });
    await followThroughFailover(url, async () => {
      await master.kill();
    });
  });

  test('answers nothing while it would hear the changes of another server', async () => {
    const [one, other] = await Promise.all([start('one'), start('other')]);
    let changesFrom = other;
    // As after a failover behind one name: new connections lead elsewhere than those that still stand.
    await using proxy = await startProxy((firstBytes) => (firstBytes.includes('-changes') ? changesFrom : one).port);
    const keyring = createKeyring({ current: issueSecret(newKeyringEntry(systemRandom)) });
    const options = { keyring, clock: systemClock, logger: silentLogger, commandTimeout: 500 };
    const writer = createRedisRouteWriter({ ...options, redis: { url: one.url } });
    const reader = createRedisRouteReader({ ...options, redis: { url: `redis://127.0.0.1:${proxy.port}` } });
    opened.push(writer, reader);
    await reader.start(new Recorder());
    const epoch = await eventually(() => writer.takeEpoch(0), PATIENCE);
    await writer.putRoute(epoch, hash('a'), route());
    await writer.markVerified(epoch);
    await eventually(() => expect(proxy.connections).toBeGreaterThan(6), PATIENCE);
    for (let attempt = 0; attempt < 20; attempt++) {
      await expect(reader.fetchRoute(hash('a'))).rejects.toBeInstanceOf(StoreUnavailableError);
    }
    changesFrom = one;
    await eventually(
      async () => expect(await reader.fetchRoute(hash('a'))).toMatchObject({ route: route() }),
      PATIENCE,
    );
  });

  test('does not use a replica that a URL leads to', async () => {
    const master = await start('plain-master');
    const replica = await start('plain-replica');
    await replicated(master, replica);
    const { writer, reader } = openStore(replica.url);
    await reader.start(new Recorder());
    await expect(writer.takeEpoch(0)).rejects.toThrow(/replica/);
    await expect(reader.fetchRoute(hash('a'))).rejects.toBeInstanceOf(StoreUnavailableError);
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await eventually(() => writer.takeEpoch(0), PATIENCE);
  });

  test('leaves a master that was made a replica under it', async () => {
    const first = await start('demoted');
    const second = await start('promoted');
    const { writer, reader } = openStore(first.url);
    await reader.start(new Recorder());
    const epoch = await eventually(() => writer.takeEpoch(0), PATIENCE);
    await writer.putRoute(epoch, hash('a'), route());
    await writer.markVerified(epoch);
    await eventually(
      async () => expect(await reader.fetchRoute(hash('a'))).toMatchObject({ verified: true }),
      PATIENCE,
    );
    await replicated(second, first);
    // What it holds now is the other's; nobody may serve it, and nobody may write to it.
    await eventually(async () => {
      await expect(reader.fetchRoute(hash('a'))).rejects.toThrow(/replica/);
      await expect(writer.takeEpoch(0)).rejects.toThrow(/replica/);
    }, PATIENCE);
  });

  test('does not believe the mark of a master that was demoted meanwhile and did not hear of it', async () => {
    const server = await start('twice-master');
    const before = openStore(server.url);
    const epoch = await eventually(() => before.writer.takeEpoch(0), PATIENCE);
    await before.writer.putRoute(epoch, hash('revoked'), route());
    await before.writer.markVerified(epoch);
    expect(await before.writer.isVerified()).toBe(true);

    // Another is master, revokes, and is gone before this one has copied anything from it.
    await server.command('REPLICAOF', '127.0.0.1', await freePort());
    await server.command('REPLICAOF', 'NO', 'ONE');
    expect(await before.writer.isVerified()).toBe(false);
    const { reader } = openStore(server.url);
    await reader.start(new Recorder());
    await eventually(
      async () => expect(await reader.fetchRoute(hash('revoked'))).toEqual({ verified: false }),
      PATIENCE,
    );

    const next = await before.writer.takeEpoch(0);
    await before.writer.removeRoutes(next, [hash('revoked')]);
    await before.writer.markVerified(next);
    expect(await before.writer.isVerified()).toBe(true);
    expect(await reader.fetchRoute(hash('revoked'))).toEqual({ verified: true, route: undefined });
  });

  test('is served again by those who were connected after a first replica was attached', async () => {
    const master = await start('attached-to');
    const replica = await start('attached');
    const { writer, reader } = openStore(master.url);
    await reader.start(new Recorder());
    const epoch = await eventually(() => writer.takeEpoch(0), PATIENCE);
    await writer.putRoute(epoch, hash('a'), route());
    await writer.markVerified(epoch);
    const served = async () => expect(await reader.fetchRoute(hash('a'))).toMatchObject({ route: route() });
    await eventually(served, PATIENCE);
    await replicated(master, replica);
    expect(await writer.isVerified()).toBe(false);
    await served();
    await writer.markVerified(await writer.takeEpoch(0));
    await eventually(served, PATIENCE);
    await eventually(() => writer.isVerified().then((verified) => expect(verified).toBe(true)), PATIENCE);
  });
});
