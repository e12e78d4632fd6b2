import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { findChartTool } from '../../scripts/binaries/chart-tools.ts';
import { type Manifest, parseManifests } from '../../scripts/chart/render.ts';
import { sharedCluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';
import { find } from './manifests.ts';

/**
 * Every file of deploy/examples, deploy/argocd and deploy/flux: our kinds and the admission policies are given to the real
 * API server, values of the chart to its schema, and of kinds that others define the shape is looked at.
 */
const cluster = sharedCluster();
const DEPLOY = join(PROJECT_ROOT, 'deploy');
const EXAMPLES = join(DEPLOY, 'examples');
const OURS = 'crispmcp.io/';

test('nothing of the examples is left out here', () => {
  expect(readdirSync(EXAMPLES).sort()).toEqual([
    'README.md',
    'admission-policies.yaml',
    'contractor-audit.yaml',
    'customers-applicationset.yaml',
    'customers-helm',
    'customers-kustomize',
    'external-secrets.yaml',
  ]);
});

describe('the API server accepts', () => {
  test('the audit of eight hours, with the end that the comment computes', async () => {
    const expiresAt = `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19)}Z`;
    const text = readFileSync(join(EXAMPLES, 'contractor-audit.yaml'), 'utf8').replace(/EXPIRES_AT$/m, expiresAt);
    const namespace = await cluster.freshNamespace('audit');
    expect(await accepted(text, namespace)).toEqual(['CrispMcpServer contractor-audit']);
  });

  test('the account whose credential External Secrets brings', async () => {
    const manifests = parseManifests(readFileSync(join(EXAMPLES, 'external-secrets.yaml'), 'utf8'));
    const namespace = await cluster.freshNamespace('vault');
    expect(await accepted(ours(manifests), namespace)).toEqual(['CrispAccount acme']);
    const account = z.object({
      spec: z.object({ credentials: z.array(z.object({ secretRef: z.object({ name: z.string() }) })) }),
    });
    const secret = ExternalSecret.parse(find(manifests, 'ExternalSecret', 'acme-crisp'));
    const named = account.parse(find(manifests, 'CrispAccount', 'acme')).spec.credentials[0]?.secretRef.name;
    expect(secret.spec.target.name).toBe(named);
    expect(secret.spec.data.map(({ secretKey }) => secretKey)).toEqual(['identifier', 'key']);
  });

  test.each(['globex', 'initech'])('customer %s by kustomize', async (customer) => {
    const built = await cluster.kubectl(['kustomize', join(EXAMPLES, 'customers-kustomize', customer)]);
    await cluster.tryKubectl(['create', 'namespace', `crisp-${customer}`]);
    expect(await accepted(built, `crisp-${customer}`)).toEqual(['CrispAccount crisp', 'CrispMcpServer support']);
    expect(built).not.toContain('00000000-0000');
    expect(built).toContain(`example.com/customer: ${customer}`);
  });

  test('customers from one list of Helm values', async () => {
    const rendered = await helmTemplate();
    const namespace = await cluster.freshNamespace('customers');
    expect(await accepted(rendered, namespace)).toEqual([
      ...['CrispAccount globex', 'CrispAccount initech'],
      ...['CrispMcpServer globex-support', 'CrispMcpServer initech-pilot', 'CrispMcpServer initech-support'],
    ]);
    const pilot = find(parseManifests(rendered), 'CrispMcpServer', 'initech-pilot');
    expect(pilot).toMatchObject({
      spec: { methods: ['read', 'create'], tags: ['support'], accountRef: { name: 'initech' } },
    });
    await expect(helmTemplate('--set', 'customers.globex.websiteId=')).rejects.toThrow(
      /customers.globex.websiteId is missing/,
    );
  });
});

describe('the admission policies', () => {
  let namespace: string;
  let unlabelled: string;

  beforeAll(async () => {
    [namespace, unlabelled] = await Promise.all([
      cluster.freshNamespace('policy'),
      cluster.freshNamespace('no-policy'),
    ]);
    await cluster.kubectl([
      ...['label', 'namespace', namespace, 'crispmcp.io/longest-life=30-days', 'crispmcp.io/sensitive-tools=forbidden'],
    ]);
    await cluster.apply(readFileSync(join(EXAMPLES, 'admission-policies.yaml'), 'utf8'));
    // The API server learns of policies within moments.
    await eventually(async () => expect(await refusal({}, {})).toContain('expiresAt'), { timeout: 60_000 });
    await eventually(async () => expect(await refusal({ ...soon(), ...sensitive }, {})).toContain('sensitive'), {
      timeout: 60_000,
    });
  });

  const inDays = (days: number) => ({
    expiresAt: `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 19)}Z`,
  });
  const soon = () => inDays(29);
  const sensitive = { tools: { sensitive: ['remove_a_crisp_website'] } };

  test.each([
    ['no end', {}, {}, /must have expiresAt/],
    ['an end in 31 days', inDays(31), {}, /lives 30 days at most/],
    ['a sensitive tool without approval', { ...soon(), ...sensitive }, {}, /sensitive-approved-by/],
  ] as const)('refuse a server with %s', async (_what, spec, labels, words) => {
    expect(await refusal(spec, labels)).toMatch(words);
  });

  test.each([
    ['an end in 29 days', soon(), {}],
    ['other tools', { ...soon(), tools: { only: ['list_*'] } }, {}],
    ['a sensitive tool and an approval', { ...soon(), ...sensitive }, { 'crispmcp.io/sensitive-approved-by': 'kim' }],
  ] as const)('accept a server with %s', async (_what, spec, labels) => {
    expect(await refusal(spec, labels)).toBe('');
  });

  test('mean no other namespace, and let go what is deleted', async () => {
    expect(await refusal({ ...sensitive }, {}, unlabelled)).toBe('');
    await cluster.apply([server({}, {}, unlabelled)]);
    await cluster.kubectl(['label', 'namespace', unlabelled, 'crispmcp.io/longest-life=30-days']);
    await eventually(async () => expect(await refusal({}, {}, unlabelled)).toContain('expiresAt'), { timeout: 60_000 });
    await cluster.kubectl(['delete', 'crispmcpserver', 'subject', '-n', unlabelled, '--timeout=20s']);
  });

  function server(spec: object, labels: object, where: string): object {
    const metadata = { name: 'subject', namespace: where, labels };
    const kind = { apiVersion: 'crispmcp.io/v1alpha1', kind: 'CrispMcpServer' };
    return { ...kind, metadata, spec: { accountRef: { name: 'acme' }, ...spec } };
  }

  /** What the API server says against it; empty when it takes it. */
  async function refusal(spec: object, labels: object, where = namespace): Promise<string> {
    const stdin = JSON.stringify(server(spec, labels, where));
    const { code, stderr } = await cluster.tryKubectl(['create', '--dry-run=server', '-f', '-'], { stdin });
    return code === 0 ? '' : stderr;
  }
});

describe('kinds of others have the shape that these define', () => {
  test('an ApplicationSet of a folder a customer', () => {
    const [set] = documents(join(EXAMPLES, 'customers-applicationset.yaml'));
    const parsed = ApplicationSet.parse(set);
    expect(Application.shape.spec.parse(parsed.spec.template.spec).destination.namespace).toBe(
      'crisp-{{.path.basename}}',
    );
  });

  test('Applications, and the values of the chart in one of them', () => {
    const [operator] = documents(join(DEPLOY, 'argocd/application.yaml')).map((one) => Application.parse(one));
    const [servers] = documents(join(DEPLOY, 'argocd/servers-application.yaml')).map((one) => Application.parse(one));
    expect(problemsOfValues(operator?.spec.source.helm?.valuesObject)).toBe('');
    expect(servers?.spec.syncPolicy.syncOptions).toContain('SkipDryRunOnMissingResource=true');
  });

  test('a HelmRelease with values of the chart, and a Kustomization', () => {
    const [source, release] = documents(join(DEPLOY, 'flux/helmrelease.yaml'));
    const { spec } = HelmRelease.parse(release);
    expect(GitRepository.parse(source).metadata.name).toBe(spec.chart.spec.sourceRef.name);
    expect(problemsOfValues(spec.values)).toBe('');
    expect(problemsOfValues({ ...spec.values, publicURL: 'x' }), 'the schema is strict').not.toBe('');
    Kustomization.parse(documents(join(DEPLOY, 'flux/kustomization.yaml'))[0]);
  });
});

/** Kinds and names, sorted, of what the API server takes in a strict dry run. */
async function accepted(manifests: string, namespace: string): Promise<string[]> {
  const argv = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', '-'];
  const { code, stderr } = await cluster.tryKubectl(argv, { stdin: manifests });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return parseManifests(manifests)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort();
}

function ours(manifests: readonly Manifest[]): string {
  const own = manifests.filter(({ apiVersion }) => apiVersion.startsWith(OURS));
  return own.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}

async function helmTemplate(...options: string[]): Promise<string> {
  const helm = await findChartTool('helm');
  const argv = ['template', 'customers', join(EXAMPLES, 'customers-helm'), ...options];
  return (await promisify(execFile)(helm, argv, { timeout: 60_000 })).stdout;
}

function problemsOfValues(values: unknown): string {
  const schema: unknown = JSON.parse(readFileSync(join(PROJECT_ROOT, 'charts/crisp-mcp/values.schema.json'), 'utf8'));
  const { $schema: _, ...rules } = z.looseObject({}).parse(schema);
  const ajv = new Ajv({ strict: false, validateFormats: false });
  return ajv.validate(rules, values) ? '' : ajv.errorsText();
}

function documents(path: string): unknown[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document): unknown => document.toJS());
}

const metadata = z.strictObject({ name: z.string(), namespace: z.string().optional() });
const sourceRef = z.strictObject({ kind: z.literal('GitRepository'), name: z.string() });
const duration = z.string().regex(/^\d+[smh]$/);

const Application = z.strictObject({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('Application'),
  metadata,
  spec: z.strictObject({
    project: z.string(),
    source: z.strictObject({
      repoURL: z.url(),
      targetRevision: z.string(),
      path: z.string(),
      helm: z.strictObject({ releaseName: z.string(), valuesObject: z.looseObject({}) }).optional(),
    }),
    destination: z.strictObject({ server: z.url(), namespace: z.string() }),
    syncPolicy: z.strictObject({
      automated: z.strictObject({ prune: z.boolean(), selfHeal: z.boolean() }),
      syncOptions: z.array(z.string().regex(/^[A-Za-z]+=(true|false)$/)),
    }),
  }),
});
const ApplicationSet = z.strictObject({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('ApplicationSet'),
  metadata,
  spec: z.strictObject({
    goTemplate: z.literal(true),
    goTemplateOptions: z.array(z.string()),
    generators: z.array(
      z.strictObject({
        git: z.strictObject({
          repoURL: z.url(),
          revision: z.string(),
          directories: z.array(z.strictObject({ path: z.string(), exclude: z.boolean().optional() })),
        }),
      }),
    ),
    template: z.strictObject({ metadata, spec: z.looseObject({}) }),
  }),
});
const ExternalSecret = z.strictObject({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('ExternalSecret'),
  metadata,
  spec: z.strictObject({
    refreshInterval: duration,
    secretStoreRef: z.strictObject({ kind: z.enum(['SecretStore', 'ClusterSecretStore']), name: z.string() }),
    target: z.strictObject({ name: z.string(), creationPolicy: z.literal('Owner') }),
    data: z.array(
      z.strictObject({ secretKey: z.string(), remoteRef: z.strictObject({ key: z.string(), property: z.string() }) }),
    ),
  }),
});
const GitRepository = z.strictObject({
  apiVersion: z.literal('source.toolkit.fluxcd.io/v1'),
  kind: z.literal('GitRepository'),
  metadata,
  spec: z.strictObject({ interval: duration, url: z.url(), ref: z.strictObject({ tag: z.string() }) }),
});
const remediation = z.strictObject({ retries: z.int(), remediateLastFailure: z.boolean().optional() });
const HelmRelease = z.strictObject({
  apiVersion: z.literal('helm.toolkit.fluxcd.io/v2'),
  kind: z.literal('HelmRelease'),
  metadata,
  spec: z.strictObject({
    interval: duration,
    releaseName: z.string(),
    targetNamespace: z.string(),
    chart: z.strictObject({ spec: z.strictObject({ chart: z.string(), sourceRef }) }),
    install: z.strictObject({ createNamespace: z.boolean(), remediation }),
    upgrade: z.strictObject({ remediation }),
    driftDetection: z.strictObject({ mode: z.enum(['enabled', 'warn', 'disabled']) }),
    values: z.looseObject({}),
  }),
});
const Kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.toolkit.fluxcd.io/v1'),
  kind: z.literal('Kustomization'),
  metadata,
  spec: z.strictObject({
    interval: duration,
    timeout: duration,
    prune: z.boolean(),
    wait: z.boolean(),
    path: z.string().startsWith('./'),
    sourceRef,
    healthCheckExprs: z.array(
      z.strictObject({
        apiVersion: z.string(),
        kind: z.string(),
        inProgress: z.string(),
        failed: z.string(),
        current: z.string(),
      }),
    ),
  }),
});
