import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { PEOPLE_ROLES } from '../../src/operator/permissions.ts';
import { USAGE_RULES } from '../../src/routes/redis/acl.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { startProcess } from '../harness/processes.ts';
import { type Installation, install, tokenOfUrl } from './installation.ts';
import { callTool, listTools } from './mcp-client.ts';

/**
 * From a request to a real gateway to what people see of it: the status that the operator writes under its own role, and
 * `crisp-mcp usage` with the rights of a viewer in Kubernetes and of a reader in Redis.
 */
const PASSWORD = issueSecret('the-password-of-a-reader', 'password of a Redis user');
const HOUR = 3_600_000;
const FAR = 30_000;

let site: Installation;
let usedAt: number;
let usedUrl: string;

beforeAll(async () => {
  site = await install({ name: 'last-use' });
  await site.redis.command('ACL', 'SETUSER', 'reader', 'on', `>${PASSWORD}`, ...USAGE_RULES);
  await site.applyAccount();
  await Promise.all(['used', 'idle', 'ending'].map((name) => site.applyServer(name)));
  usedUrl = await site.urlOf('used');
  await site.urlOf('idle');
  usedAt = Date.now();
  await listTools(usedUrl);
  for (let call = 0; call < 3; call += 1) await callTool(usedUrl, 'list_all_crisp_conversations');
  await listTools(await site.urlOf('ending'));
  await site.kubectl('patch', 'crispmcpserver/ending', '--type=merge', '-p', endingSoon());
});

test('the status of a server names the hour of its last use, and is not written again for it', async () => {
  await eventually(async () => expect(await lastUsedTime('used')).toBeDefined(), { timeout: 90_000, what: 'a status' });
  const said = (await lastUsedTime('used')) ?? '';
  expect(said).toMatch(/:00:00Z$/);
  const hour = Math.floor(usedAt / HOUR) * HOUR;
  expect([hour, hour + HOUR]).toContain(Date.parse(said));
  expect(await lastUsedTime('idle')).toBeUndefined();
  expect(await lastUsedTime('ending'), 'about to expire').toBeUndefined();
  const managers = await site.kubectl(
    ...['get', 'crispmcpserver/used', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields}'],
  );
  const entries = ManagedFields.parse(JSON.parse(managers));
  const owners = entries.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('f:lastUsedTime'));
  expect(owners).toMatchObject([{ manager: 'crisp-mcp-operator-last-use', subresource: 'status' }]);
  expect(await site.kubectl('get', 'crispmcpservers', '-o', 'wide')).toMatch(
    /LAST USED.*\n(.*\n)*used .* \d+[smh]\S*\s/,
  );
  expect(await site.versionsDuring('used', 5), 'versions').toHaveLength(1);
});

test('a new leader writes nothing of a use that the status tells already, and no other write takes it away', async () => {
  await eventually(async () => expect(await lastUsedTime('used')).toBeDefined(), { timeout: 90_000, what: 'a status' });
  const before = await site.server('used');
  const operator = await site.restartOperator();
  await eventually(async () => expect(await pagesRead(operator.adminUrl)).toBeGreaterThan(0), { timeout: 60_000 });
  expect((await site.server('used')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  await site.kubectl('patch', 'crispmcpserver/used', '--type=merge', '-p', '{"spec":{"displayName":"Renamed"}}');
  await site.kubectl('patch', 'crispmcpserver/used', '--type=merge', '-p', '{"spec":{"suspend":true}}');
  await site.waitForReason('used', 'SuspendRequested');
  expect(await lastUsedTime('used')).toBeDefined();
  await site.kubectl('patch', 'crispmcpserver/used', '--type=merge', '-p', '{"spec":{"suspend":false}}');
  await site.waitForReason('used', 'Serving');
});

describe('crisp-mcp usage', () => {
  test('shows when servers were used and how often, to the millisecond and call', async () => {
    const { code, output } = await usage('--output', 'json');
    expect({ code, output }).toMatchObject({ code: 0 });
    const { servers } = Report.parse(JSON.parse(output));
    const [used, idle] = ['used', 'idle'].map((name) => servers.find((server) => server.name === name));
    expect(used).toMatchObject({ namespace: site.namespace, callsToday: 3, calls: 3 });
    expect(Math.abs(Date.parse(used?.lastUse ?? '') - usedAt)).toBeLessThan(FAR);
    expect(idle).toMatchObject({ lastUse: null, calls: 0 });
    const text = await usage('used');
    expect(text.output).toMatch(new RegExp(`^${site.namespace}/used +\\d{4}-\\S+Z +3 +3$`, 'm'));
    expect(text.output).not.toContain('idle');
  });

  test('shows the requests of each credential today, by account where Secrets may be read', async () => {
    const blind = await usage('--quota');
    expect(blind.output).toContain('1 Secret of accounts may not be read');
    expect(blind.output).not.toContain('acme (website)');
    const seeing = await usage('--quota', '--kubeconfig', site.operatorKubeconfig);
    expect(seeing.output).toMatch(new RegExp(`^\\w{24} +${site.namespace}/acme \\(website\\) +[3-9] +10000$`, 'm'));
    for (const secret of [tokenOfUrl(usedUrl), site.credentials.website.key, PASSWORD]) {
      for (const { output } of [blind, seeing]) expect(output).not.toContain(secret);
    }
  });

  test.each([
    ['a server that is not there', ['nobody'], /There is no CrispMcpServer "nobody" in namespace/],
    ['a name without a namespace', ['used', '--all-namespaces'], /leave out --all-namespaces/],
    ['a namespace without the right to it', ['--namespace', 'kube-system'], /refused.*crispmcpservers/s],
    ['a Redis that is not there', ['--redis-url', 'redis://127.0.0.1:1'], /cannot be used.*See --redis-url/s],
    ['too many days', ['--days', '41'], /from 1 to 40/],
    ['no time at all', ['--timeout', '0'], /within 0 s: see --timeout/],
  ])('says in a sentence what is wrong: %s', async (_what, options, sentence) => {
    const { code, output } = await usage(...options);
    expect(output).toMatch(sentence);
    expect(code).toBe(1);
    expect(output, 'no stack').not.toContain('    at ');
  });
});

const ManagedFields = z.array(z.looseObject({ manager: z.string(), fieldsV1: z.unknown() }));
const Report = z.object({
  servers: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      lastUse: z.string().nullable(),
      callsToday: z.number(),
      calls: z.number(),
    }),
  ),
});

function endingSoon(): string {
  const expiresAt = new Date(Date.now() + 40_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return JSON.stringify({ spec: { expiresAt, expirationPolicy: 'Retain' } });
}

async function lastUsedTime(name: string): Promise<string | undefined> {
  const text = await site.kubectl('get', `crispmcpserver/${name}`, '-o', 'jsonpath={.status.lastUsedTime}');
  return text === '' ? undefined : text;
}

async function pagesRead(adminUrl: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(/^crisp_mcp_last_use_pages_total\{result="success".*\} (\d+)$/m.exec(text)?.[1]);
}

let viewer: Promise<string> | undefined;

/** Runs to its end with the rights of a viewer in the namespace; later options win. */
async function usage(...options: string[]): Promise<{ code: number | null; output: string }> {
  viewer ??= viewerOf(site);
  const where = options.includes('--all-namespaces') ? [] : ['--namespace', site.namespace];
  const process = await startProcess('usage', ['usage', ...where, ...options], {
    env: { KUBECONFIG: await viewer, REDIS_URL: `redis://reader:${PASSWORD}@127.0.0.1:${site.redis.port}` },
  });
  const { code } = await process.exited;
  return { code, output: process.output() };
}

async function viewerOf({ cluster, namespace }: Installation): Promise<string> {
  const metadata = { name: 'crisp-mcp-viewer', namespace };
  const role = PEOPLE_ROLES.find(({ name }) => name === 'crisp-viewer');
  const rules = role?.permissions.map(({ apiGroup, resources, verbs }) => ({
    apiGroups: [apiGroup],
    resources,
    verbs: Object.keys(verbs),
  }));
  const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, metadata.name);
  const rbac = 'rbac.authorization.k8s.io';
  await cluster.apply([
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: metadata.name, namespace }],
    },
  ]);
  const asked = ['auth', 'can-i', 'list', 'crispmcpservers', '-n', namespace];
  await eventually(() => cluster.kubectl(asked, { kubeconfig }));
  return kubeconfig;
}
