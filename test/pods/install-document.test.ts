import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChartTool } from '../../scripts/binaries/chart-tools.ts';
import { tokenOfUrl } from '../e2e/namespace-user.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { freePort } from '../harness/ports.ts';
import { PROJECT_ROOT, scratchFolder } from '../harness/run-folder.ts';
import { type DocumentStep, stepsOf } from './document.ts';
import { evidenceOnFailure, saveEvidence } from './evidence.ts';
import { cluster, kubectl } from './people.ts';
import { openShell, type Shell } from './shell.ts';

/**
 * `docs/install.md`, command by command, in one shell, as a newcomer goes through it. Two things differ: the cluster is
 * there already, so none is made; and the port on localhost is one that is free on this machine. Where the document tells
 * to wait some minutes, the test waits for what those minutes are for.
 */
const NAMESPACE = 'crisp-mcp';
const MADE_ELSEWHERE = 'kind';
/** Instead of what the document says, where the cluster of the run is of another kind. */
const INSTEAD: Readonly<Record<string, string>> = {
  'kind-image': 'node test/cluster/cluster.ts load-image dist-image/crisp-mcp.tar',
};
const PATIENCE = 480_000;

interface Check {
  /** What must be seen in what the step printed, or in the cluster afterwards. */
  readonly sees?: (printed: string) => void | Promise<void>;
}

const CHECKS: Readonly<Record<string, Check>> = {
  image: {},
  'kind-image': {},
  install: { sees: (printed) => expect(printed).toContain('STATUS: deployed') },
  ready: { sees: (printed) => expect(printed).toMatch(/Phase:\s+Succeeded/) },
  account: { sees: (printed) => expect(printed).toContain('crispaccount.crispmcp.io/acme condition met') },
  server: { sees: (printed) => expect(printed).toMatch(/contractor\s+True/) },
  connect: { sees: (printed) => expect(printed).toContain('"tools":[') },
  expiry: { sees: (printed) => expect(printed.trim().split('\n').at(-1)).toBe('404') },
  'pod-security': {},
  roles: {},
  upgrade: { sees: (printed) => expect(printed).toContain('successfully rolled out') },
  rollback: { sees: (printed) => expect(printed).toContain('successfully rolled out') },
  'rotate-prepare': { sees: () => everyPodHas('previous') },
  'rotate-activate': { sees: () => nothingIsLeftOfThePreviousKey() },
  'rotate-finish': {},
  'uninstall-keep': { sees: (printed) => expect(printed).toMatch(/crisp-mcp\s+acme/) },
  reinstall: { sees: (printed) => expect(printed).toContain('successfully rolled out') },
  'uninstall-all': { sees: () => nothingOfOursIsLeft() },
  plain: { sees: (printed) => expect(printed).toContain('successfully rolled out') },
  'plain-remove': { sees: () => nothingOfOursIsLeft() },
};

let shell: Shell;
let steps: DocumentStep[];

beforeAll(async () => {
  const programs = join(scratchFolder(), 'install-document');
  mkdirSync(programs, { recursive: true });
  symlinkSync(await findChartTool('helm'), join(programs, 'helm'));
  symlinkSync(cluster.kubectl, join(programs, 'kubectl'));
  const port = String(await freePort());
  steps = stepsOf(join(PROJECT_ROOT, 'docs/install.md')).map(({ name, commands }) => ({
    name,
    commands: (INSTEAD[name] ?? commands).replaceAll(/(?<=localhost:|gateway )8080/g, port),
  }));
  shell = openShell({
    PATH: `${programs}:${process.env.PATH ?? ''}`,
    KUBECONFIG: cluster.kubeconfig,
    HELM_CACHE_HOME: join(programs, 'cache'),
    HELM_CONFIG_HOME: join(programs, 'config'),
    HELM_DATA_HOME: join(programs, 'data'),
  });
});

afterAll(async () => {
  await shell.close();
  await saveEvidence(NAMESPACE, NAMESPACE);
});

test('every step of the document is known here, in its order', () => {
  expect(steps.map(({ name }) => name).filter((name) => name !== MADE_ELSEWHERE)).toEqual(Object.keys(CHECKS));
});

test.each(Object.entries(CHECKS))('%s', { timeout: PATIENCE }, async (name, { sees }) => {
  evidenceOnFailure(NAMESPACE);
  const commands = steps.find((step) => step.name === name)?.commands ?? '';
  const printed = await shell.run(commands);
  if (name === 'connect') issueSecret(tokenOfUrl((await shell.run('echo "$URL"')).trim()), 'the token of the document');
  await sees?.(printed);
});

async function pods(component: string): Promise<string[]> {
  const selector = `app.kubernetes.io/component=${component}`;
  const names = await kubectl([
    '-n',
    NAMESPACE,
    'get',
    'pods',
    '-l',
    selector,
    '-o',
    'jsonpath={.items[*].metadata.name}',
  ]);
  return names.split(' ').filter((name) => name !== '');
}

/** Of the keyring's files, without what is in them. */
async function everyPodHas(key: string): Promise<void> {
  const script = `process.exit(require('node:fs').existsSync('/etc/crisp-mcp/keyring/${key}') ? 0 : 1)`;
  await eventually(
    async () => {
      for (const pod of [...(await pods('operator')), ...(await pods('gateway'))]) {
        await kubectl(['-n', NAMESPACE, 'exec', pod, '--', '/nodejs/bin/node', '-e', script]);
      }
    },
    { timeout: 240_000, interval: 2_000, what: `every Pod having the key "${key}"` },
  );
}

async function nothingIsLeftOfThePreviousKey(): Promise<void> {
  const status = ['exec', 'deploy/crisp-mcp-operator', '--', '/nodejs/bin/node', '/app/dist/main.js', 'keys', 'status'];
  await eventually(async () => expect(await kubectl(['-n', NAMESPACE, ...status])).toMatch(/previous.*\b0\b/), {
    timeout: 240_000,
    interval: 2_000,
    what: 'everything being written under the new key',
  });
}

async function nothingOfOursIsLeft(): Promise<void> {
  await eventually(
    async () => {
      const kinds = 'crds,clusterroles,clusterrolebindings,namespaces';
      const names = await kubectl(['get', kinds, '-o', 'name']);
      expect(names.split('\n').filter((name) => /crispmcp|crisp-mcp|crisp-server|crisp-account/.test(name))).toEqual(
        [],
      );
    },
    { timeout: 120_000, interval: 1_000, what: 'nothing being left' },
  );
}
