import { request } from 'undici';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/process/random.ts';
import { newToken } from '../../src/routes/token.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { type Installation, installForTest } from './installation.ts';
import { accountManifest, secretManifest, serverManifest, wholeSecondAhead } from './manifests.ts';
import { contentOf, writesSoFar } from './store-content.ts';

/** Nothing is written where nothing has changed: not by a new leader, which looks at everything, and not by a second look. */
const SERVERS = [
  'live',
  'ending',
  'suspended',
  'ended',
  'tombstone',
  'empty',
  'lonely',
  'brought',
  'refused',
  'foreign',
];
const ACCOUNTS = ['acme', 'wrong', 'without-secret'];

test('a new leader that finds everything as it should be writes nothing, tells nothing and asks Crisp nothing', async () => {
  const site = await installForTest({ name: 'quiet', gateways: 0 });
  await oneOfEach(site);
  // The events of a process are sent when it has stopped.
  await Promise.all(site.operators.map(({ process }) => process.stop()));
  const before = await everything(site);
  site.sandbox.forgetRequests();

  const operator = await site.startOperator();
  await looksAtEverything(operator.adminUrl);
  await operator.process.stop();

  const after = await everything(site);
  expect(after.objects).toEqual(before.objects);
  expect(before.objects.length).toBeGreaterThan(SERVERS.length + ACCOUNTS.length);
  expect(after.store).toEqual(before.store);
  expect(before.store.size).toBeGreaterThan(5);
  // The epoch it took and the word that the store is verified.
  expect({ ...after.writes, set: (after.writes.set ?? 0) - 2 }).toEqual(before.writes);
  expect(site.sandbox.requests).toEqual([]);
});

/** A server in each state it can rest in, and accounts to match; returns when all rest. */
async function oneOfEach(site: Installation): Promise<void> {
  const { namespace, sandbox } = site;
  const token = issueSecret(newToken(systemRandom), 'a token that a user brings');
  const wrongKey = issueSecret(systemRandom.bytes(16).toString('hex'), 'a wrong Crisp key');
  const account = (name: string, secret: string) =>
    accountManifest(namespace, name, {
      websiteId: sandbox.websiteId,
      apiUrl: sandbox.url,
      credentials: [{ tier: 'website', secretRef: { name: secret } }],
    });
  await site.applyAccount();
  const expiresAt = wholeSecondAhead(8_000);
  await site.cluster.apply([
    secretManifest(namespace, 'brought-mcp', { token }, 'crispmcp.io/token'),
    secretManifest(namespace, 'foreign-mcp', { password: 'not-yours-at-all' }),
    secretManifest(namespace, 'wrong-crisp', { identifier: sandbox.websiteId, key: wrongKey }),
    account('wrong', 'wrong-crisp'),
    account('without-secret', 'no-such-secret'),
    serverManifest(namespace, 'live', 'acme'),
    serverManifest(namespace, 'ending', 'acme', { expiresAt: wholeSecondAhead(3_600_000) }),
    serverManifest(namespace, 'suspended', 'acme', { suspend: true }),
    serverManifest(namespace, 'ended', 'acme', { expiresAt, expirationPolicy: 'Retain' }),
    serverManifest(namespace, 'tombstone', 'acme', { expiresAt: '2020-01-01T00:00:00Z' }),
    serverManifest(namespace, 'empty', 'acme', { tools: { only: ['no_such_tool_*'] } }),
    serverManifest(namespace, 'lonely', 'nobody'),
    serverManifest(namespace, 'brought', 'acme'),
    serverManifest(namespace, 'refused', 'wrong'),
    serverManifest(namespace, 'foreign', 'acme'),
  ]);
  const reasons = {
    live: 'Serving',
    ending: 'Serving',
    suspended: 'SuspendRequested',
    ended: 'ExpiresAtPassed',
    tombstone: 'BornExpired',
    empty: 'NoToolsMatched',
    lonely: 'AccountNotFound',
    brought: 'Serving',
    refused: 'AccountNotReady',
    foreign: 'SecretConflict',
  };
  expect(Object.keys(reasons)).toEqual(SERVERS);
  await Promise.all(Object.entries(reasons).map(([name, reason]) => site.waitForReason(name, reason)));
  await site.waitForReason('wrong', 'CredentialRefused', 'crispaccount');
  await site.waitForReason('without-secret', 'SecretNotFound', 'crispaccount');
  await Promise.all(
    ['live', 'ending', 'empty', 'lonely', 'refused', 'suspended'].map((name) => site.urlInSecret(name)),
  );
}

/** What nobody may have written: versions of all objects, events among them, and the store. */
async function everything(site: Installation) {
  const kinds = 'crispaccounts,crispmcpservers,secrets,events,configmaps';
  const format = 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
  const objects = (await site.kubectl('get', kinds, '-o', format)).trimEnd().split('\n').sort();
  return { objects, store: await contentOf(site.redis), writes: await writesSoFar(site.redis) };
}

/** Each object has been reconciled at least twice and nothing waits. */
async function looksAtEverything(adminUrl: string): Promise<void> {
  await eventually(
    async () => {
      const { body } = await request(`${adminUrl}/metrics`);
      const text = await body.text();
      expect(sumOf(text, /crisp_mcp_store_verified\S*/)).toBe(1);
      expect(sumOf(text, /crisp_mcp_reconciles_total\{.*kind="server".*\}/)).toBeGreaterThanOrEqual(SERVERS.length * 2);
      expect(sumOf(text, /crisp_mcp_reconciles_total\{.*kind="account".*\}/)).toBeGreaterThanOrEqual(
        ACCOUNTS.length * 2,
      );
      expect(sumOf(text, /crisp_mcp_queue_depth\{.*\}/)).toBe(0);
    },
    { timeout: 20_000, what: 'everything being looked at' },
  );
}

function sumOf(metrics: string, series: RegExp): number {
  const lines = metrics.matchAll(new RegExp(`^${series.source} (\\S+)$`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
