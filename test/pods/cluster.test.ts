import { Resolver } from 'node:dns/promises';
import { expect, inject, test } from 'vitest';
import { createCommands } from '../cluster/node/commands.ts';
import { DNS_SERVICE } from '../cluster/node/layout.ts';
import { eventually } from '../harness/eventually.ts';

/** The cluster itself, before anything is installed: what fails here is the harness and not the product. */
const { kind, kubeconfig, kubectl } = inject('podsCluster');
const commands = createCommands([]);

test('the node is Ready', async () => {
  const text = await commands.run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'json']);
  expect(text).toMatch(/"type": "Ready"/);
});

test('a Pod answers at the address of its Service: the name of the API server', async (context) => {
  if (kind !== 'node') context.skip('the host has no route into this kind of cluster');
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([DNS_SERVICE]);
  const name = 'kubernetes.default.svc.cluster.local';
  const addresses = await eventually(() => resolver.resolve4(name), { timeout: 30_000, what: 'an answer of the DNS' });
  expect(addresses).toEqual(['10.96.0.1']);
});
