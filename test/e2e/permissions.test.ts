import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rbacYaml } from '../../scripts/generate-rbac.ts';
import { ELECTION_PERMISSIONS, OPERATOR_PERMISSIONS } from '../../src/operator/permissions.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { accountManifest, secretManifest, serverManifest } from './manifests.ts';

/** The generated roles on a real API server: what the operator may do, all of it and nothing else, and who may do what. */
const cluster = sharedCluster();
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const SUBRESOURCES = [
  'pods/exec',
  'pods/log',
  'serviceaccounts/token',
  'namespaces/finalize',
  'crispmcpservers.crispmcp.io/status',
  'crispmcpservers.crispmcp.io/finalizers',
  'crispaccounts.crispmcp.io/status',
  'crispapitokens.crispmcp.io/status',
  'crispapitokens.crispmcp.io/finalizers',
];
const WEBSITE = '0f4c3b0e-6f1d-4b7e-9b64-0d7f3c1a2b3c';

let namespace: string;
let other: string;

beforeAll(async () => {
  [namespace, other] = await Promise.all([cluster.freshNamespace('rbac'), cluster.freshNamespace('rbac-other')]);
  const rbac = rbacYaml({ namespace, serviceAccount: 'operator', namespaces: [namespace] });
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: rbac });
});

describe('an operator of one namespace', () => {
  test('may do there what its permissions name and nothing else', async () => {
    const expected = [...OPERATOR_PERMISSIONS, ...ELECTION_PERMISSIONS.filter((one) => one.resourceNames === undefined)]
      .flatMap(({ apiGroup, resources, verbs }) =>
        resources.flatMap((resource) => Object.keys(verbs).map((verb) => `${verb} ${qualified(resource, apiGroup)}`)),
      )
      .sort();
    expect(await allowedIn(namespace)).toEqual(expected);
  });

  test('may hold its own lease and no other', async () => {
    const [own, foreign] = await Promise.all([
      mayHe('update', 'leases.coordination.k8s.io', namespace, 'crisp-mcp-operator'),
      mayHe('update', 'leases.coordination.k8s.io', namespace, 'another'),
    ]);
    expect({ own, foreign }).toEqual({ own: true, foreign: false });
  });

  test('may do nothing in another namespace, nor across all', async () => {
    expect(await allowedIn(other)).toEqual([]);
    expect(await allowedIn('')).toEqual([]);
  });

  test('is told so by kubectl auth can-i too', async () => {
    const kubeconfig = await cluster.serviceAccountKubeconfig(namespace, 'operator');
    const canI = async (...question: string[]) =>
      (await cluster.tryKubectl(['auth', 'can-i', ...question], { kubeconfig })).stdout.trim();
    expect(await canI('delete', 'crispmcpservers', '-n', namespace)).toBe('yes');
    expect(await canI('get', 'secrets', '-n', other)).toBe('no');
    expect(await canI('create', 'pods/exec', '-n', namespace)).toBe('no');
  });
});

describe('the roles for people', () => {
  const kubeconfigs = new Map<string, string>();

  beforeAll(async () => {
    for (const role of ['crisp-account-admin', 'crisp-server-editor', 'edit', 'view']) {
      kubeconfigs.set(role, await cluster.serviceAccountKubeconfig(namespace, `person-${role}`));
      await cluster.kubectl([
        ...['create', 'rolebinding', role, '-n', namespace, `--clusterrole=${role}`],
        `--serviceaccount=${namespace}:person-${role}`,
      ]);
    }
    await cluster.apply([account('acme'), server('made-by-admin'), secretManifest(namespace, 'keys', { key: 'k' })]);
  });

  const account = (name: string) =>
    accountManifest(namespace, name, {
      websiteId: WEBSITE,
      credentials: [{ tier: 'website', secretRef: { name: 'keys' } }],
    });
  const server = (name: string) => serverManifest(namespace, name, 'acme');
  const apiToken = (name: string) => ({
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispApiToken',
    metadata: { namespace, name },
    spec: { scopes: ['provision'] },
  });

  async function as(role: string, args: readonly string[], stdin?: object): Promise<'done' | 'forbidden'> {
    const kubeconfig = kubeconfigs.get(role) ?? '';
    const { code, stderr } = await cluster.tryKubectl([...args, '-n', namespace], {
      kubeconfig,
      ...(stdin === undefined ? {} : { stdin: JSON.stringify(stdin) }),
    });
    if (code === 0) return 'done';
    if (/Forbidden|forbidden/.test(stderr)) return 'forbidden';
    throw new Error(stderr);
  }

  const apply = ['apply', '-f', '-'];
  const patchStatus = ['patch', 'crispmcpserver', 'made-by-admin', '--subresource=status', '--type=merge'];
  const forgery = [...patchStatus, '-p', '{"status":{"reason":"Serving"}}'];

  test.each([
    ['crisp-account-admin', 'create an account', apply, account('of-account-admin'), 'done'],
    ['crisp-account-admin', 'create an API token', apply, apiToken('of-account-admin'), 'done'],
    ['crisp-account-admin', 'create a server', apply, server('of-account-admin'), 'forbidden'],
    ['crisp-account-admin', 'read Secrets', ['get', 'secrets'], undefined, 'forbidden'],
    ['crisp-server-editor', 'create a server', apply, server('of-server-editor'), 'done'],
    ['crisp-server-editor', 'delete a server', ['delete', 'crispmcpserver', 'of-server-editor'], undefined, 'done'],
    ['crisp-server-editor', 'see accounts', ['get', 'crispaccounts'], undefined, 'done'],
    ['crisp-server-editor', 'create an API token', apply, apiToken('of-server-editor'), 'forbidden'],
    ['crisp-server-editor', 'see API tokens', ['get', 'crispapitokens'], undefined, 'forbidden'],
    ['crisp-server-editor', 'create an account', apply, account('of-server-editor'), 'forbidden'],
    ['crisp-server-editor', 'delete an account', ['delete', 'crispaccount', 'acme'], undefined, 'forbidden'],
    ['crisp-server-editor', 'write a status', forgery, undefined, 'forbidden'],
    ['crisp-server-editor', 'read Secrets', ['get', 'secrets'], undefined, 'forbidden'],
    ['edit', 'create an API token', apply, apiToken('of-editor'), 'forbidden'],
    ['edit', 'create an account', apply, account('of-editor'), 'forbidden'],
    ['edit', 'delete an account', ['delete', 'crispaccount', 'acme'], undefined, 'forbidden'],
    ['view', 'create a server', apply, server('of-viewer'), 'forbidden'],
  ] as const)('%s, to %s', async (role, _what, args, stdin, outcome) => {
    expect(await as(role, args, stdin)).toBe(outcome);
  });
});

/** `<verb> <resource>` for everything that exists, except what anybody may ask about himself. */
async function allowedIn(where: string): Promise<string[]> {
  const listed = await cluster.kubectl(['api-resources', '-o', 'name']);
  const resources = [...listed.trim().split('\n'), ...SUBRESOURCES].filter(
    (resource) => !/\.(authorization|authentication)\.k8s\.io$/.test(resource),
  );
  const questions = resources.flatMap((resource) => VERBS.map((verb) => ({ verb, resource })));
  const allowed: string[] = [];
  for (let start = 0; start < questions.length; start += 64) {
    const batch = questions.slice(start, start + 64);
    const answers = await Promise.all(batch.map(({ verb, resource }) => mayHe(verb, resource, where)));
    allowed.push(...batch.filter((_, index) => answers[index]).map(({ verb, resource }) => `${verb} ${resource}`));
  }
  return allowed.sort();
}

const Review = z.object({ status: z.object({ allowed: z.boolean() }) });

async function mayHe(verb: string, resource: string, where: string, name?: string): Promise<boolean> {
  const [full = '', subresource] = resource.split('/');
  const [plural, ...group] = full.split('.');
  const { body } = await cluster.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: {
      user: `system:serviceaccount:${namespace}:operator`,
      groups: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      resourceAttributes: { verb, resource: plural, group: group.join('.'), subresource, namespace: where, name },
    },
  });
  return Review.parse(body).status.allowed;
}

function qualified(resource: string, apiGroup: string): string {
  if (apiGroup === '') return resource;
  const [plural, subresource] = resource.split('/');
  return `${plural}.${apiGroup}${subresource === undefined ? '' : `/${subresource}`}`;
}
