import { afterAll, beforeAll, expect, test } from 'vitest';
import { wholeSecondAhead } from '../e2e/manifests.ts';
import { eventually } from '../harness/eventually.ts';
import { type CrispBeside, startCrisp } from './crisp.ts';
import { evidenceOnFailure, saveEvidence } from './evidence.ts';
import { freshName, kubectl, valueAt } from './people.ts';
import { Release } from './release.ts';
import { Traffic } from './traffic.ts';
import { postStatus, type WayIn } from './way-in.ts';

/** What happens to Pods and nodes in the life of a cluster, and that no URL is lost by it nor served past its end. */
const NAMESPACE = freshName('faults');

let crisp: CrispBeside;
let release: Release;
let way: WayIn;
let url: string;

beforeAll(async () => {
  crisp = await startCrisp(freshName('crisp-for-faults'), NAMESPACE);
  release = new Release({ namespace: NAMESPACE, values: { ...crisp.values, crds: { keep: false } } });
  await release.install();
  await release.applyAccount(crisp);
  await release.applyServer('support', { methods: ['read'] });
  way = await release.wayIn();
  url = way.origin + new URL(await release.urlOf('support')).pathname;
});

afterAll(async () => {
  await saveEvidence(NAMESPACE, NAMESPACE);
  await release.uninstall();
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  await crisp.close();
});

async function served(address = url, timeout = 60_000): Promise<void> {
  await eventually(async () => expect(await postStatus(address, 'tools/list', way)).toBe(200), {
    timeout,
    interval: 200,
    what: 'the URL being served',
  });
}

async function nameOfPod(component: string): Promise<string> {
  const selector = `app.kubernetes.io/component=${component}`;
  return await release.kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].metadata.name}');
}

test('a gateway is killed: the other one serves, and a new one comes', async () => {
  evidenceOnFailure(NAMESPACE);
  await served();
  await release.kubectl('delete', 'pod', await nameOfPod('gateway'), '--grace-period=0', '--force');
  await served();
  await release.settled();
  await served();
});

test('the leading operator is killed: another one goes on', async () => {
  evidenceOnFailure(NAMESPACE);
  const holder = await valueAt(NAMESPACE, 'lease/crisp-mcp-operator', '{.spec.holderIdentity}');
  const leader = holder.split('_')[0] ?? '';
  await release.kubectl('delete', 'pod', leader, '--grace-period=0', '--force');
  await release.applyServer('after-the-leader', { methods: ['read'] });
  const next = await release.urlOf('after-the-leader');
  await served(way.origin + new URL(next).pathname);
  await release.settled();
});

test('a node is drained: the PodDisruptionBudget keeps a gateway, and no POST fails', async () => {
  evidenceOnFailure(NAMESPACE);
  const node = await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
  const nodes = (await kubectl(['get', 'nodes', '-o', 'name'])).trim().split('\n');
  await served();
  const traffic = new Traffic(url, way);
  try {
    const gateways = [
      '--pod-selector',
      `app.kubernetes.io/component=gateway,app.kubernetes.io/instance=${release.name}`,
    ];
    const drain = kubectl(['drain', node, ...gateways, '--ignore-daemonsets', '--timeout=12s'], { timeout: 60_000 });
    // Where this is the only node, the evicted gateway waits for one, and the second may not be evicted.
    if (nodes.length === 1) await expect(drain).rejects.toThrow(/disruption budget|timeout/);
    else await drain;
  } finally {
    await kubectl(['uncordon', node]);
    const { answered, failures } = await traffic.stop();
    console.log(`${answered} POSTs answered while the node was drained, ${failures.length} failed`);
    expect(failures).toEqual([]);
  }
  await release.settled();
});

test('no operator runs past the end of a server: the gateways refuse it in time, and it goes when one returns', async () => {
  evidenceOnFailure(NAMESPACE);
  const { name, orphan, expiresAt } = await orphanedServer();
  await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt)), { timeout: 60_000 });
  expect(await postStatus(orphan, 'tools/list', way)).toBe(404);
  await served();
  expect(await valueAt(NAMESPACE, `crispmcpserver/${name}`, '{.metadata.name}'), 'nobody has deleted it').toBe(name);
  await release.kubectl('scale', 'deployment/crisp-mcp-operator', '--replicas=2');
  await release.kubectl('wait', '--for=delete', `crispmcpserver/${name}`, '--timeout=90s');
});

/** A server that is served and has some of its time left when the last operator has gone; with more time where that is slow. */
async function orphanedServer(): Promise<{ name: string; orphan: string; expiresAt: string }> {
  for (const lead of [15_000, 45_000, 120_000]) {
    const name = `orphan-${lead}`;
    await release.kubectl('scale', 'deployment/crisp-mcp-operator', '--replicas=2');
    await release.settled();
    const expiresAt = wholeSecondAhead(lead);
    await release.applyServer(name, { methods: ['read'], expiresAt });
    const orphan = way.origin + new URL((await release.urlOf(name).catch(() => undefined)) ?? way.origin).pathname;
    await release.kubectl('scale', 'deployment/crisp-mcp-operator', '--replicas=0');
    await release.kubectl('wait', '--for=delete', 'pod', '-l', 'app.kubernetes.io/component=operator', '--timeout=60s');
    const status = await postStatus(orphan, 'tools/list', way);
    if (Date.now() < Date.parse(expiresAt) - 500) {
      expect(status).toBe(200);
      return { name, orphan, expiresAt };
    }
  }
  throw new Error('no operator ended within two minutes');
}

test('the Pod of Redis is deleted: with its volume no URL is lost', async () => {
  evidenceOnFailure(NAMESPACE);
  expect(await valueAt(NAMESPACE, 'persistentvolumeclaim/data-crisp-mcp-redis-0', '{.status.phase}')).toBe('Bound');
  const before = await release.urlInSecret('support');
  await release.kubectl('delete', 'pod', 'crisp-mcp-redis-0');
  await release.kubectl('rollout', 'status', 'statefulset/crisp-mcp-redis', '--timeout=90s');
  await served();
  expect(await release.urlInSecret('support')).toBe(before);
});
