import { describe, expect, test } from 'vitest';
import { sharedCluster } from '../harness/cluster.ts';

const cluster = sharedCluster();

const WEBSITE = '0f4c3b0e-6f1d-4b7e-9b64-0d7f3c1a2b3c';
const OTHER_WEBSITE = '1f4c3b0e-6f1d-4b7e-9b64-0d7f3c1a2b3c';

function account(namespace: string, spec: object = {}): object {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispAccount',
    metadata: { name: 'acme', namespace },
    spec: { websiteId: WEBSITE, credentials: [{ tier: 'plugin', secretRef: { name: 'acme-crisp' } }], ...spec },
  };
}

function server(namespace: string, spec: object = {}): object {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispMcpServer',
    metadata: { name: 'support', namespace },
    spec: { accountRef: { name: 'acme' }, ...spec },
  };
}

function apiToken(namespace: string, spec: object = {}): object {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispApiToken',
    metadata: { name: 'ci', namespace },
    spec: { scopes: ['connect'], servers: ['support'], ...spec },
  };
}

describe('the CRDs on a real API server', () => {
  test('are accepted without a warning', async () => {
    const { code, stdout, stderr } = await cluster.tryKubectl([
      'apply',
      '--server-side',
      '--dry-run=server',
      '-f',
      'crds',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('crispmcpservers.crispmcp.io');
    const crds = await cluster.kubectl([
      'get',
      'crd',
      '-o',
      'jsonpath={.items[*].status.conditions[?(@.status=="False")].message}',
    ]);
    expect(crds).not.toMatch(/non-?structural/i);
  });

  test('take an account and a server, show them in short, and explain their fields', async () => {
    const namespace = await cluster.freshNamespace();
    await cluster.apply([
      account(namespace),
      server(namespace, { methods: ['read'], expiresAt: '2099-01-01T00:00:00Z' }),
    ]);
    const table = await cluster.kubectl(['get', 'crisp', '-n', namespace]);
    expect(table).toMatch(/crispaccount.*\/acme/);
    expect(table).toMatch(/crispmcpserver.*\/support/);
    expect(await cluster.kubectl(['get', 'crispmcpservers', '-n', namespace])).toMatch(
      /^NAME\s+READY\s+REASON\s+ACCOUNT\s+TOOLS\s+EXPIRES\s+AGE/,
    );
    expect(await cluster.kubectl(['explain', 'crispmcpserver.spec.expiresAt'])).toContain('FIELD: expiresAt');
    expect(await cluster.kubectl(['explain', 'crispaccount.spec.credentials'])).toContain('tier');
    expect(await cluster.kubectl(['describe', 'crispmcpserver', 'support', '-n', namespace])).toContain('Account Ref');
  });

  test('take an API token, show it in short, and explain its fields', async () => {
    const namespace = await cluster.freshNamespace();
    await cluster.apply([apiToken(namespace, { expiresAt: '2099-01-01T00:00:00Z' })]);
    expect(await cluster.kubectl(['get', 'crisp', '-n', namespace])).toMatch(/crispapitoken.*\/ci/);
    expect(await cluster.kubectl(['get', 'ctok', '-n', namespace])).toMatch(
      /^NAME\s+READY\s+REASON\s+SCOPES\s+SERVERS\s+EXPIRES\s+AGE\n.*\["connect"\]\s+\["support"\]/,
    );
    expect(await cluster.kubectl(['explain', 'crispapitoken.spec.scopes'])).toContain('second factor');
    await cluster.apply([apiToken(namespace, { scopes: ['read'], servers: undefined })]);
    await cluster.apply([apiToken(namespace, { servers: ['*'] })]);
  });

  test.each([
    ['the scope connect without servers', { servers: undefined }, /servers is required with the scope/],
    ['no scope', { scopes: [] }, /spec\.scopes/],
    ['an empty list of servers', { servers: [] }, /spec\.servers/],
    ['a scope that does not exist', { scopes: ['admin'] }, /Unsupported value: "admin"/],
    ['a wildcard within a name', { servers: ['support-*'] }, /spec\.servers\[0\]/],
    ['every server and one more', { servers: ['*', 'support'] }, /stands alone/],
    ['one server twice', { servers: ['support', 'support'] }, /Duplicate value/],
    ['a field that does not exist', { server: ['support'] }, /unknown field "spec\.server"/],
  ])('refuse an API token with %s', async (_what, spec, message) => {
    const namespace = await cluster.freshNamespace();
    await expect(cluster.apply([apiToken(namespace, spec)])).rejects.toThrow(message);
  });

  test('refuse a change of the secretName of an API token', async () => {
    const namespace = await cluster.freshNamespace();
    await cluster.apply([apiToken(namespace)]);
    await expect(cluster.apply([apiToken(namespace, { secretName: 'other' })])).rejects.toThrow(
      /secretName.*immutable/s,
    );
  });

  test('refuse a change of websiteId', async () => {
    const namespace = await cluster.freshNamespace();
    await cluster.apply([account(namespace)]);
    await expect(cluster.apply([account(namespace, { websiteId: OTHER_WEBSITE })])).rejects.toThrow(
      /websiteId.*immutable/is,
    );
  });

  test('refuse a change of accountRef', async () => {
    const namespace = await cluster.freshNamespace();
    await cluster.apply([server(namespace)]);
    await expect(cluster.apply([server(namespace, { accountRef: { name: 'other' } })])).rejects.toThrow(
      /accountRef.*immutable/is,
    );
  });

  test('refuse two credentials of one tier', async () => {
    const namespace = await cluster.freshNamespace();
    const credentials = [
      { tier: 'plugin', secretRef: { name: 'one' } },
      { tier: 'plugin', secretRef: { name: 'two' } },
    ];
    await expect(cluster.apply([account(namespace, { credentials })])).rejects.toThrow(
      /Duplicate value|one credential/i,
    );
  });

  test.each([
    ['methods', { methods: [] }],
    ['tags', { tags: [] }],
    ['tools.only', { tools: { only: [] } }],
  ])('refuse an empty list of %s rather than guess', async (field, spec) => {
    const namespace = await cluster.freshNamespace();
    await expect(cluster.apply([server(namespace, spec)])).rejects.toThrow(`spec.${field}`);
  });

  test('refuse a field that does not exist', async () => {
    const namespace = await cluster.freshNamespace();
    await expect(cluster.apply([server(namespace, { metods: ['read'] })])).rejects.toThrow(/metods/);
  });
});

test('a ServiceAccount without a role may do nothing', async () => {
  const namespace = await cluster.freshNamespace();
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'nobody');
  await expect(cluster.kubectl(['get', 'crispaccounts', '-n', namespace], { kubeconfig })).rejects.toThrow(/Forbidden/);
});
