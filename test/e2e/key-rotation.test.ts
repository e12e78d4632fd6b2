import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/process/random.ts';
import { newKeyringEntry } from '../../src/routes/keyring.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { startProcess } from '../harness/processes.ts';
import { startRedis } from '../harness/redis.ts';
import { type Installation, installForTest } from './installation.ts';
import { secretManifest } from './manifests.ts';
import { mcpRequest } from './mcp-client.ts';
import { UrlWatch } from './url-watch.ts';

/** `crisp-mcp keys` under traffic: with processes that read the keyring's files as they change, and none restarted. */
test('two rotations under continuous traffic lose no URL, and the first keys can be removed for good', async () => {
  const site = await installForTest({ name: 'rotation', operators: 2, gateways: 2 });
  await site.applyAccount();
  for (const name of ['one', 'two', 'three']) await site.applyServer(name);
  const urls = await Promise.all(['one', 'two', 'three'].map((name) => site.urlOf(name)));
  const paths = urls.map((url) => new URL(url).pathname);
  const watch = new UrlWatch(site.gateways.flatMap((gateway) => paths.map((path) => gateway.url + path)));
  const first = currentKey(site);
  site.sandbox.forgetRequests();

  for (const round of [1, 2]) {
    const run = await keys(site, 'rotate', '--settle', '2');
    expect(run.output, `rotation ${round}`).toMatch(/Nothing is under key k[0-9a-f]{8} any more/);
    expect(run.code).toBe(0);
  }
  const status = await keys(site, 'status');
  expect(status.output).toMatch(/current k[0-9a-f]{8}: 4 records\nprevious k[0-9a-f]{8}: 0 records/);
  const retired = await keys(site, 'retire');
  expect(retired.output).toContain('is the only one');
  expect(currentKey(site)).not.toBe(first);

  const restarted = await site.startGateway();
  for (const path of paths) expect((await mcpRequest(restarted.url + path, 'ping')).status).toBe(200);
  await site.applyServer('later');
  expect((await mcpRequest(await site.urlOf('later'), 'ping')).status).toBe(200);
  const answers = await watch.stop();
  expect(new Set(answers.map(({ url }) => url)).size, 'every URL at every gateway').toBe(6);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(site.sandbox.requests, 'Crisp is asked nothing about credentials it has accepted').toEqual([]);
  for (const { process } of site.operators) expect(process.isRunning).toBe(true);
});

test('a key that has records is neither rotated away nor retired, however often one asks', async () => {
  const site = await installForTest({ name: 'rotation-guard' });
  await site.applyAccount();
  await site.applyServer('kept');
  const url = await site.urlOf('kept');
  await Promise.all(site.operators.map(({ process }) => process.stop()));

  const unattended = await keys(site, 'rotate', '--settle', '1', '--timeout', '1');
  expect(unattended.output).toContain('see whether an operator leads');
  expect(unattended.code).toBe(1);
  for (const command of ['rotate', 'retire']) {
    const refused = await keys(site, command, ...(command === 'rotate' ? ['--settle', '1'] : []));
    expect(refused.output).toMatch(/cannot be (rotated|retired) yet: 2 records are still under the previous key/);
    expect(refused.code).toBe(1);
  }
  expect((await mcpRequest(url, 'ping')).status).toBe(200);

  await site.startOperator();
  await eventually(async () => expect((await keys(site, 'retire')).code).toBe(0), { timeout: 30_000 });
  expect((await mcpRequest(url, 'ping')).status).toBe(200);
});

test('a key that is replaced outright, as a rollback of the chart does, loses no URL for good', async () => {
  const site = await installForTest({ name: 'rotation-rollback' });
  await site.applyAccount();
  await site.applyServer('kept');
  const url = await site.urlOf('kept');
  const other = newKeyringEntry(systemRandom);
  issueSecret(secretOf(other), 'the key of a keyring');
  writeFileSync(join(site.keyring, 'current'), `${other}\n`);
  await eventually(async () => expect((await keys(site, 'status')).output).toMatch(/current k[0-9a-f]{8}: 2 records/), {
    timeout: 60_000,
  });
  await eventually(async () => expect((await mcpRequest(url, 'ping')).status).toBe(200), { timeout: 60_000 });
  expect(await site.urlInSecret('kept')).toBe(url);
});

test('a keyring in a Secret is rotated where it is, and only there where it is', async () => {
  const cluster = sharedCluster();
  const namespace = await cluster.freshNamespace('rotation-secret');
  const redis = await startRedis({ name: 'rotation-secret' });
  const entry = newKeyringEntry(systemRandom);
  issueSecret(secretOf(entry), 'the key of a keyring');
  await cluster.apply([secretManifest(namespace, 'keyring', { current: entry })]);
  const run = async (...args: string[]) => {
    const env = { KUBECONFIG: cluster.kubeconfig, REDIS_URL: redis.url, KEYRING: '/not/asked' };
    const process = await startProcess('keys-secret', ['keys', ...args, '--namespace', namespace], { env });
    return { code: (await process.exited).code, output: process.output() };
  };

  const rotated = await run('rotate', '--secret', 'keyring', '--settle', '0');
  expect(rotated.code).toBe(0);
  const data = await secretData();
  expect(data.previous).toBe(entry);
  expect(data.current).not.toBe(entry);
  issueSecret(secretOf(data.current ?? ''), 'a rotated key');
  expect((await run('retire', '--secret', 'keyring')).code).toBe(0);
  expect(await secretData()).toEqual({ current: data.current });

  const absent = await run('rotate', '--secret', 'no-such');
  expect(absent.output).toContain('Secret "no-such" in namespace');
  expect(absent.output).toContain('does not exist');
  await redis.stop();
  const blind = await run('rotate', '--secret', 'keyring', '--settle', '0');
  expect(blind.code).toBe(1);

  async function secretData(): Promise<Record<string, string>> {
    const out = await cluster.kubectl(['get', 'secret', 'keyring', '-n', namespace, '-o', 'jsonpath={.data}']);
    const parsed: unknown = JSON.parse(out);
    const entries = Object.entries(parsed !== null && typeof parsed === 'object' ? parsed : {});
    return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]));
  }
});

function currentKey(site: Installation): string {
  return readFileSync(join(site.keyring, 'current'), 'utf8').trim();
}

function secretOf(entry: string): string {
  return entry.slice(entry.indexOf(':') + 1);
}

/** Runs to its end; the keys it leaves behind are registered for the leak search. */
async function keys(site: Installation, command: string, ...options: string[]) {
  const process = await startProcess('keys', ['keys', command, '--keyring', site.keyring, ...options], {
    env: { REDIS_URL: site.redis.url },
  });
  const { code } = await process.exited;
  issueSecret(secretOf(currentKey(site)), 'a key of the keyring');
  return { code, output: process.output() };
}
