import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { systemRandom } from '../../src/process/random.ts';
import { newToken } from '../../src/routes/token.ts';
import { connect } from '../harness/cluster.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type Installation, installForTest } from './installation.ts';
import { secretManifest, wholeSecondAhead } from './manifests.ts';
import { callTool, mcpRequest } from './mcp-client.ts';
import { becomes, statusOf } from './outage-probes.ts';

/** A cluster is lost. What its backup holds makes the same URLs in an empty one, with nothing else carried over. */
const BackedUp = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
  status: z.unknown().optional(),
});

test('a backup of all resources and Secrets, applied to an empty cluster in any order, gives the same URLs', async () => {
  const former = await installForTest({ name: 'restore' });
  await former.applyAccount();
  const brought = issueSecret(newToken(systemRandom), 'a token that a user brings');
  await former.cluster.apply([
    secretManifest(former.namespace, 'brought-mcp', { token: brought }, 'crispmcp.io/token'),
  ]);
  await former.applyServer('plain', { methods: ['read'] });
  await former.applyServer('ending', { expiresAt: wholeSecondAhead(3_600_000) });
  await former.applyServer('brought');
  await former.applyServer('suspended', { suspend: true });
  await former.applyServer('ended', { expiresAt: wholeSecondAhead(6_000), expirationPolicy: 'Retain' });
  const urls = {
    plain: await former.urlOf('plain'),
    ending: await former.urlOf('ending'),
    brought: await former.urlOf('brought'),
  };
  await former.waitForReason('suspended', 'SuspendRequested');
  await former.waitForReason('ended', 'ExpiresAtPassed');
  const backup = await backUp(former);
  await Promise.all([...former.operators, ...former.gateways].map(({ process }) => process.stop()));

  const controlPlane = await startControlPlane({
    name: 'restored',
    binaries: inject('binaries'),
    etcdUrl: inject('controlPlane').etcdUrl,
  });
  onTestFinished(() => controlPlane.stop());
  const site = await installForTest({ name: 'restored', cluster: connect(controlPlane), replaces: former });
  // Servers before their Secrets: the operator, which runs already, has made new tokens by the time they come.
  await site.cluster.apply(backup.filter((object) => object.kind !== 'Secret'));
  await eventually(async () => expect(await site.urlInSecret('plain')).toBeDefined());
  const interim = await site.urlInSecret('plain');
  expect(interim).not.toBe(urls.plain);
  await site.cluster.kubectl(['apply', '--force-conflicts', '--server-side', '-f', '-'], {
    stdin: backup
      .filter((object) => object.kind === 'Secret')
      .map((object) => JSON.stringify(object))
      .join('\n---\n'),
  });

  await Promise.all(Object.values(urls).map((url) => becomes(url, 200)));
  for (const [name, url] of Object.entries(urls)) expect(await site.urlOf(name)).toBe(url);
  expect((await callTool(urls.plain, 'list_all_crisp_conversations')).isError).toBe(false);
  if (interim !== undefined) expect(await statusOf(interim)).toBe(404);
  await site.waitForReason('suspended', 'SuspendRequested');
  await site.waitForReason('ended', 'BornExpired');
  expect((await mcpRequest(urls.ending, 'tools/list')).status).toBe(200);
});

/** As a backup tool does: everything, without what the former cluster alone knew. */
async function backUp(site: Installation): Promise<z.infer<typeof BackedUp>[]> {
  const text = await site.kubectl('get', 'crispaccounts,crispmcpservers,secrets', '-o', 'json');
  const { items } = z.object({ items: z.array(BackedUp) }).parse(JSON.parse(text));
  return items.map(({ status: _status, ...object }) => {
    const {
      uid: _uid,
      resourceVersion: _version,
      creationTimestamp: _created,
      managedFields: _fields,
      generation: _generation,
      ...metadata
    } = object.metadata;
    return BackedUp.parse({ ...object, metadata });
  });
}
