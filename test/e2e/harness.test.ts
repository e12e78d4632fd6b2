import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { connect, sharedCluster } from '../harness/cluster.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/ports.ts';
import { startProgram } from '../harness/processes.ts';
import { startRedis } from '../harness/redis.ts';
import { scratchFolder } from '../harness/run-folder.ts';

/** What the other end-to-end tests rest on: that outages, crashes and restarts really are what they are called. */
describe('a Redis of the harness', () => {
  test('forgets all when it is killed without persistence', async () => {
    const redis = await startRedis();
    await redis.command('SET', 'key', 'value');
    await redis.kill();
    await expect(redis.command('PING')).rejects.toThrow();
    await redis.restart();
    expect(await redis.command('GET', 'key')).toBeNull();
  });

  test('keeps every write when it is killed with persistence', async () => {
    const redis = await startRedis({ persistence: 'always' });
    await redis.command('SET', 'key', 'value');
    await redis.kill();
    await redis.restart();
    expect(await redis.command('GET', 'key')).toBe('value');
  });

  test.each(['none', 'always'] as const)(
    'comes back from an old dump, with another run id (persistence %s)',
    async (persistence) => {
      const redis = await startRedis({ persistence });
      await redis.command('SET', 'key', 'old');
      const dump = await redis.saveDump();
      await redis.command('SET', 'key', 'new');
      const before = String(await redis.command('INFO', 'server')).match(/run_id:(\w+)/)?.[1];
      await redis.restart({ fromDump: dump });
      expect(await redis.command('GET', 'key')).toBe('old');
      expect(String(await redis.command('INFO', 'server'))).not.toContain(before);
    },
  );

  test('can be emptied by a restart', async () => {
    const redis = await startRedis({ persistence: 'always' });
    await redis.command('SET', 'key', 'value');
    await redis.restart({ empty: true });
    expect(await redis.command('DBSIZE')).toBe(0);
  });
});

const SERVER = `
  import { createServer } from 'node:http';
  const port = Number(process.argv[2]);
  let ready = false;
  setTimeout(() => { ready = true; }, 200);
  createServer((q, s) => { s.statusCode = ready ? 200 : 503; s.end(q.url === '/metrics' ? 'up 1' : 'not yet'); }).listen(port, '127.0.0.1');
  console.log('listening');
`;

function script(name: string, text: string): string {
  const path = join(scratchFolder(), `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

describe('a process of the harness', () => {
  test('is waited for until it is ready, can be frozen, and is gone after a kill', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/readyz`;
    const one = await startProgram('server', process.execPath, [script('server', SERVER), String(port)], {
      readyUrl: url,
    });
    expect(one.output()).toContain('listening');
    const answers = async (): Promise<number> => (await request(url, { headersTimeout: 500 })).statusCode;
    expect(await answers()).toBe(200);
    one.freeze();
    await expect(answers()).rejects.toThrow(/timeout/i);
    one.thaw();
    expect(await eventually(answers)).toBe(200);
    expect(await one.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(one.isRunning).toBe(false);
  });

  test('that ends before it is ready fails with its last words', async () => {
    const path = script('broken', `console.error('no such flag'); process.exit(2);`);
    const start = startProgram('broken', process.execPath, [path], { readyUrl: 'http://127.0.0.1:1/' });
    await expect(start).rejects.toThrow(/broken ended \(code 2\) before it was ready:\s+no such flag/);
  });

  test('that ignores SIGTERM is killed in the end', async () => {
    const path = script('stubborn', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up');`);
    const one = await startProgram('stubborn', process.execPath, [path]);
    await eventually(() => expect(one.output()).toContain('up'));
    expect(await one.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('a second control plane on the same etcd', () => {
  test('is an empty cluster of its own, whose API server can fail and return', async () => {
    const shared = sharedCluster();
    const namespace = await shared.freshNamespace();
    const second = await startControlPlane({ name: 'second', binaries: inject('binaries'), etcdUrl: shared.etcdUrl });
    onTestFinished(() => second.stop());
    const cluster = connect(second);
    expect(await cluster.get('namespace', 'default', namespace)).toBeUndefined();
    expect(await cluster.kubectl(['get', 'crd', '-o', 'name'])).toContain('crispmcpservers');
    const own = await cluster.freshNamespace();
    await second.stopApiServer('SIGKILL');
    await expect(cluster.kubectl(['get', 'namespaces'], { timeout: 5_000 })).rejects.toThrow();
    await second.startApiServer();
    expect(await cluster.kubectl(['get', 'namespace', own, '-o', 'name'])).toBe(`namespace/${own}\n`);
  });

  test('collects what custom resources own', async () => {
    const cluster = sharedCluster();
    const namespace = await cluster.freshNamespace();
    const owner = { apiVersion: 'crispmcp.io/v1alpha1', kind: 'CrispMcpServer', metadata: { name: 'a', namespace } };
    await cluster.apply([{ ...owner, spec: { accountRef: { name: 'acme' } } }]);
    const uid = await cluster.kubectl([
      'get',
      'crispmcpserver',
      'a',
      '-n',
      namespace,
      '-o',
      'jsonpath={.metadata.uid}',
    ]);
    const ownerReferences = [{ apiVersion: owner.apiVersion, kind: owner.kind, name: 'a', uid }];
    await cluster.apply([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', namespace, ownerReferences } },
    ]);
    await cluster.kubectl(['delete', 'crispmcpserver', 'a', '-n', namespace]);
    await eventually(async () => expect(await cluster.get('configmap', namespace, 'owned')).toBeUndefined());
  });
});
