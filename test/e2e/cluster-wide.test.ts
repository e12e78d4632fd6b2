import { beforeAll, expect, inject, test } from 'vitest';
import { connect } from '../harness/cluster.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type Installation, install } from './installation.ts';
import { accountManifest, secretManifest, serverManifest } from './manifests.ts';
import { callTool } from './mcp-client.ts';
import { tokenOfUrl } from './namespace-user.ts';
import { becomes, statusOf } from './outage-probes.ts';
import { contentOf } from './store-content.ts';

/** An operator that looks after all namespaces, under the roles of `deploy/rbac.yaml`, in a cluster of its own. */
let site: Installation;

beforeAll(async () => {
  const controlPlane = await startControlPlane({
    name: 'cluster-wide',
    binaries: inject('binaries'),
    etcdUrl: inject('controlPlane').etcdUrl,
  });
  site = await install({ name: 'everywhere', cluster: connect(controlPlane), scope: 'cluster' });
});

/** A team's namespace with an account and a server `support`; resolves to the server's URL. */
async function team(name: string): Promise<{ namespace: string; url: string }> {
  const namespace = await site.cluster.freshNamespace(name);
  const { websiteId, url: apiUrl, credentials } = site.sandbox;
  await site.cluster.apply([
    secretManifest(namespace, 'crisp', { ...credentials.website }),
    accountManifest(namespace, 'acme', {
      websiteId,
      apiUrl,
      credentials: [{ tier: 'website', secretRef: { name: 'crisp' } }],
    }),
    serverManifest(namespace, 'support', 'acme', { methods: ['read'] }),
  ]);
  const here = ['-n', namespace];
  await site.cluster.kubectl(['wait', '--for=condition=Ready', 'crispmcpserver/support', '--timeout=30s', ...here]);
  const secret = await site.cluster.kubectl(['get', 'secret', 'support-mcp', '-o', 'jsonpath={.data.url}', ...here]);
  const url = Buffer.from(secret, 'base64').toString('utf8');
  issueSecret(tokenOfUrl(url), `the token of ${namespace}/support`);
  return { namespace, url };
}

test('servers of the same name in two namespaces have URLs of their own', async () => {
  const [red, blue] = await Promise.all([team('red'), team('blue')]);
  expect(red.url).not.toBe(blue.url);
  for (const { url } of [red, blue]) {
    await becomes(url, 200);
    expect((await callTool(url, 'list_all_crisp_conversations')).isError).toBe(false);
  }
  await site.cluster.kubectl(['delete', 'crispmcpserver', 'support', '-n', red.namespace, '--timeout=20s']);
  expect([await statusOf(red.url), await statusOf(blue.url)]).toEqual([404, 200]);
});

test('a namespace that is deleted goes, with all URLs in it and everything that the store held of them', async () => {
  const before = await contentOf(site.redis);
  const { namespace, url } = await team('leaving');
  await becomes(url, 200);
  await site.cluster.kubectl(['delete', 'namespace', namespace, '--timeout=60s']);
  expect(await statusOf(url)).toBe(404);
  await eventually(async () => expect(await contentOf(site.redis)).toEqual(before));
});
