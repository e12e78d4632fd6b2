import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { serverManifest } from '../e2e/manifests.ts';
import { eventually } from '../harness/eventually.ts';
import { scratchFolder } from '../harness/run-folder.ts';
import { type CrispBeside, startCrisp } from './crisp.ts';
import { evidenceOnFailure, saveEvidence } from './evidence.ts';
import { CHART } from './helm.ts';
import { apply, freshName, kubectl, valueAt } from './people.ts';
import { Release } from './release.ts';
import { Traffic } from './traffic.ts';
import { postStatus, type WayIn } from './way-in.ts';

/**
 * One release through its life: an upgrade under traffic, a way back, a Redis that forgets, and an uninstall that keeps what
 * people made.
 */
const NAMESPACE = freshName('lifecycle');

let crisp: CrispBeside;
let release: Release;
let way: WayIn;
let url: string;

beforeAll(async () => {
  crisp = await startCrisp(freshName('crisp-for-lifecycle'), NAMESPACE);
  const forgetful = { embedded: { persistence: { enabled: false } } };
  release = new Release({ namespace: NAMESPACE, values: { ...crisp.values, redis: forgetful } });
  await release.install();
  await release.applyAccount(crisp);
  await release.applyServer('support', { methods: ['read'] });
  way = await release.wayIn();
  url = await atService('support');
});

afterAll(async () => {
  await saveEvidence(NAMESPACE, NAMESPACE);
  await release.upgrade({ crds: { keep: false } });
  await release.uninstall();
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
  await crisp.close();
});

async function atService(server: string): Promise<string> {
  return way.origin + new URL(await release.urlOf(server)).pathname;
}

async function servedAgain(): Promise<void> {
  await eventually(async () => expect(await postStatus(url, 'tools/list', way)).toBe(200), {
    timeout: 60_000,
    interval: 200,
    what: 'the URL being served',
  });
}

async function underTraffic(work: () => Promise<void>): Promise<void> {
  await servedAgain();
  const traffic = new Traffic(url, way);
  try {
    await eventually(() => expect(traffic.answered).toBeGreaterThan(20), { timeout: 30_000 });
    await work();
    // helm is done when the new Pods are ready; the former ones still end in order.
    await formerPodsGone();
  } finally {
    const { answered, failures } = await traffic.stop();
    console.log(`${answered} POSTs answered, ${failures.length} failed`);
    expect(failures).toEqual([]);
  }
}

async function formerPodsGone(): Promise<void> {
  const selector = 'app.kubernetes.io/component=gateway';
  const deletions = '{.items[*].metadata.deletionTimestamp}';
  await eventually(
    async () => expect(await release.kubectl('get', 'pods', '-l', selector, '-o', `jsonpath=${deletions}`)).toBe(''),
    { timeout: 120_000, interval: 500, what: 'the end of the former gateways' },
  );
}

test('an upgrade of values, of the image and to CRDs with one more field fails no POST', async () => {
  evidenceOnFailure(NAMESPACE);
  const { nextImage } = inject('podsImages');
  const values = { image: { tag: nextImage.tag }, gateway: { logLevel: 'debug' }, operator: { logLevel: 'debug' } };
  await underTraffic(() => release.upgrade(values, chartWithOneMoreField()));
  expect(await atService('support')).toBe(url);
  const image = await valueAt(NAMESPACE, 'deployment/crisp-mcp-gateway', '{.spec.template.spec.containers[0].image}');
  expect(image).toBe(`${nextImage.repository}:${nextImage.tag}`);
  const server = serverManifest(NAMESPACE, 'noted', 'acme', { methods: ['read'] });
  await apply({ ...server, spec: { accountRef: { name: 'acme' }, methods: ['read'], note: 'of the new field' } });
  expect(await atService('noted')).not.toBe(url);
  expect(await valueAt(NAMESPACE, 'crispmcpserver/noted', '{.spec.note}')).toBe('of the new field');
});

test('a rollback fails no POST, and every server stays as it was', async () => {
  evidenceOnFailure(NAMESPACE);
  const noted = await atService('noted');
  await underTraffic(() => release.rollback());
  const { image } = inject('podsImages');
  expect(await valueAt(NAMESPACE, 'deployment/crisp-mcp-gateway', '{.spec.template.spec.containers[0].image}')).toBe(
    `${image.repository}:${image.tag}`,
  );
  expect(await atService('noted')).toBe(noted);
  expect(await postStatus(noted, 'tools/list', way)).toBe(200);
});

test('the Pod of a Redis without a volume is deleted: the operator rebuilds it, and no URL is lost', async () => {
  evidenceOnFailure(NAMESPACE);
  await release.kubectl('delete', 'pod', 'crisp-mcp-redis-0');
  await release.kubectl('rollout', 'status', 'statefulset/crisp-mcp-redis', '--timeout=90s');
  await servedAgain();
  expect(await atService('support')).toBe(url);
});

test('an uninstall that keeps the CRDs keeps resources and tokens, and the next install serves the same URLs', async () => {
  evidenceOnFailure(NAMESPACE);
  const secret = await release.urlInSecret('support');
  await release.uninstall();
  expect(await valueAt(NAMESPACE, 'crispmcpserver/support', '{.metadata.name}')).toBe('support');
  expect(await release.urlInSecret('support')).toBe(secret);
  await release.install();
  way = await release.wayIn();
  expect(await release.urlInSecret('support')).toBe(secret);
  url = await atService('support');
  await servedAgain();
});

/** The chart of a later version, in which CrispMcpServer has a field `note`. */
function chartWithOneMoreField(): string {
  const copy = join(scratchFolder(), 'later-chart');
  cpSync(CHART, copy, { recursive: true });
  const path = join(copy, 'templates/crds/crispmcpservers.yaml');
  const text = readFileSync(path, 'utf8');
  const anchor = '\n                accountRef:\n';
  expect(text, 'the properties of the spec').toContain(anchor);
  writeFileSync(path, text.replace(anchor, `\n                note:\n                  type: string${anchor}`));
  return copy;
}
