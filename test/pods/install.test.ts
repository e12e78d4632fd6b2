import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wholeSecondAhead } from '../e2e/manifests.ts';
import { tokenOfUrl } from '../e2e/namespace-user.ts';
import { eventually } from '../harness/eventually.ts';
import { describeBoundaries } from './boundaries.ts';
import { evidenceOnFailure, saveEvidence } from './evidence.ts';
import { connectThrough } from './official-client.ts';
import { freshName, kubectl } from './people.ts';
import { type Crisp, Release, sandboxOf } from './release.ts';
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts';
import { postStatus, type WayIn } from './way-in.ts';

/** From nothing to a tool call and to the end, as somebody who tries the product for the first time sees it. */
const NAMESPACE = freshName('first-install');
const GOAL = 60_000;

let release: Release;
let proxy: TlsProxy;
let way: WayIn;
let crisp: Crisp;
let ready: number;
let uninstalled = false;

beforeAll(async () => {
  proxy = await startTlsProxy();
  release = new Release({
    namespace: NAMESPACE,
    values: { publicUrl: proxy.origin, sandbox: { enabled: true }, ingress: { enabled: true }, crds: { keep: false } },
  });
  const started = performance.now();
  await release.install();
  ready = performance.now() - started;
});

afterAll(async () => {
  if (!uninstalled) await release.uninstall().catch(() => {});
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  await proxy.close();
});

test('a tool can be called within a minute of helm install', async () => {
  evidenceOnFailure(NAMESPACE);
  const started = performance.now();
  crisp = await sandboxOf(release);
  way = await release.wayIn();
  const ingress: unknown = JSON.parse(await release.kubectl('get', 'ingress', '-o', 'json'));
  proxy.obey(firstOf(ingress), way);
  await release.applyAccount(crisp);
  await release.applyServer('support', { methods: ['read'], displayName: 'Support' });
  const url = await release.urlOf('support');
  expect(url).toMatch(new RegExp(`^${proxy.origin}/mcp/`));
  const client = await connectThrough(way.origin + new URL(url).pathname, way.fetch);
  const answer = await client.callTool({ name: 'list_all_crisp_conversations', arguments: { per_page: 20 } });
  const whole = ready + performance.now() - started;
  await client.close();
  expect(JSON.stringify(answer)).toContain('session_');
  console.log(`From helm install to all Ready ${seconds(ready)}, to the first tool call ${seconds(whole)} (goal 60 s)`);
  // A machine that does much else may take longer; then the figure above says so.
  expect(whole).toBeLessThan(GOAL * 3);
});

test('through a TLS proxy that obeys the Ingress a client lists and calls, and the access log holds no token', async () => {
  evidenceOnFailure(NAMESPACE);
  const url = await release.urlOf('support');
  const client = await connectThrough(url, proxy.fetch);
  const names = (await client.listTools()).tools.map((tool) => tool.name);
  expect(names).toContain('list_all_crisp_conversations');
  expect(names, 'a write tool is not listed').not.toContain('create_a_crisp_message');
  const answer = await client.callTool({ name: 'list_all_crisp_conversations', arguments: {} });
  expect(JSON.stringify(answer)).toContain('session_');
  await client.close();
  await request(`${proxy.origin}/elsewhere`, { dispatcher: proxy.dispatcher });
  expect(proxy.accessLog, 'the log is written').toContain('"GET /elsewhere HTTP/1.1" 404');
  expect(proxy.accessLog.join('\n')).not.toContain(tokenOfUrl(url));
});

test('at its end a server refuses, and then there is nothing left of it', async () => {
  evidenceOnFailure(NAMESPACE);
  const { name, service, expiresAt } = await shortLived();
  await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(expiresAt), { timeout: 120_000 });
  expect(await postStatus(service, 'tools/list', way)).toBe(404);
  await release.kubectl('wait', '--for=delete', `crispmcpserver/${name}`, `secret/${name}-mcp`, '--timeout=60s');
});

/** A server that has answered and has some of its time left; a machine with much else to do gets a longer one. */
async function shortLived(): Promise<{ name: string; service: string; expiresAt: number }> {
  for (const lead of [6_000, 20_000, 60_000]) {
    const name = `brief-${lead}`;
    const expiresAt = wholeSecondAhead(lead);
    await release.applyServer(name, { methods: ['read'], expiresAt });
    const url = await release.urlOf(name).catch(() => undefined);
    const service = way.origin + new URL(url ?? way.origin).pathname;
    const status = await postStatus(service, 'tools/list', way);
    if (Date.now() < Date.parse(expiresAt) - 500) {
      expect(status).toBe(200);
      return { name, service, expiresAt: Date.parse(expiresAt) };
    }
  }
  throw new Error('no server was served within a minute of its creation');
}

test('helm test passes', async () => {
  evidenceOnFailure(NAMESPACE);
  expect(await release.test()).toContain('Phase:          Succeeded');
});

test('under the restricted Pod Security Standard everything runs', async () => {
  evidenceOnFailure(NAMESPACE);
  const phases = await release.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}');
  expect(new Set(phases.split(' '))).toEqual(new Set(['Running']));
  const label = await kubectl(['get', 'namespace', NAMESPACE, '-o', 'jsonpath={.metadata.labels}']);
  expect(label).toContain('"pod-security.kubernetes.io/enforce":"restricted"');
});

describeBoundaries(NAMESPACE);

test('an uninstall that keeps nothing ends every server first, and leaves nothing of ours', async () => {
  evidenceOnFailure(NAMESPACE);
  await release.urlOf('support');
  await saveEvidence(NAMESPACE, NAMESPACE);
  await release.uninstall();
  uninstalled = true;
  const listed = await kubectl(['api-resources', '--verbs=list', '-o', 'name']);
  const kinds = listed.split('\n').filter((kind) => kind !== '' && !kind.startsWith('events'));
  expect(kinds.filter((kind) => kind.endsWith('crispmcp.io'))).toEqual([]);
  const ours = ['get', kinds.join(','), '-A', '-l', 'app.kubernetes.io/part-of=crisp-mcp', '-o', 'name'];
  await eventually(async () => expect(await kubectl(ours)).toBe(''), { timeout: 60_000, interval: 1_000 });
  const tokens = ['-n', NAMESPACE, 'get', 'secrets,persistentvolumeclaims,pods', '-o', 'name'];
  await eventually(async () => expect(await kubectl(tokens)).toBe(''), { timeout: 60_000, interval: 1_000 });
});

function firstOf(list: unknown): unknown {
  if (typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items)) return list.items[0];
  throw new TypeError('not a list');
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
