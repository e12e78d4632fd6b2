import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { inCluster, KubeConfigError, loadKubeAccess } from './kube-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(content: string): string {
  count += 1;
  const path = join(folder, `config-${count}`);
  writeFileSync(path, content);
  return path;
}

function kubeconfig(name: string, options: { current?: boolean } = {}): string {
  return file(`apiVersion: v1
kind: Config
${options.current === false ? '' : `current-context: ${name}`}
contexts: [{ name: ${name}, context: { cluster: ${name}, user: ${name}, namespace: ns-${name} } }]
clusters: [{ name: ${name}, cluster: { server: "https://${name}.example:6443/", certificate-authority: pki/ca.crt } }]
users: [{ name: ${name}, user: { token: token-${name} } }]
`);
}

test('a given kubeconfig is read; paths in it are relative to it', () => {
  const { cluster, user, namespace } = loadKubeAccess({ kubeconfig: kubeconfig('a') });
  expect(cluster).toMatchObject({ server: 'https://a.example:6443', caFile: join(folder, 'pki/ca.crt') });
  expect(user.token).toBe('token-a');
  expect(namespace).toBe('ns-a');
});

test('KUBECONFIG may list files: the first that names a thing wins, missing ones are passed over', () => {
  const env = { KUBECONFIG: [join(folder, 'missing'), kubeconfig('b', { current: false }), kubeconfig('c')].join(':') };
  expect(loadKubeAccess({ env }).cluster.server).toBe('https://c.example:6443');
});

test('without either, the file of the home folder is read', () => {
  const home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, '.kube'));
  writeFileSync(join(home, '.kube', 'config'), 'current-context: none\ncontexts: []\n');
  expect(() => loadKubeAccess({ env: { HOME: home } })).toThrow('has no context "none"');
});

test('in a Pod the service account is used, also over IPv6', () => {
  writeFileSync(join(folder, 'namespace'), 'crisp-mcp\n');
  const access = inCluster('fd00::1', '443', folder);
  expect(access.cluster).toMatchObject({ server: 'https://[fd00::1]:443', caFile: join(folder, 'ca.crt') });
  expect(access.namespace).toBe('crisp-mcp');
});

test.each<[string, () => Parameters<typeof loadKubeAccess>[0], string]>([
  ['nothing at all', () => ({ env: { HOME: folder } }), 'No Kubernetes cluster is configured'],
  ['a file that is not there', () => ({ kubeconfig: join(folder, 'missing') }), 'There is no kubeconfig'],
  ['a file that is no YAML', () => ({ kubeconfig: file('token: "secret') }), 'is not YAML'],
  ['a file that is a list', () => ({ kubeconfig: file('[]') }), 'is not a kubeconfig'],
  ['a file without context', () => ({ kubeconfig: kubeconfig('d', { current: false }) }), 'has no current-context'],
])('%s is a KubeConfigError that says what to do and quotes no content', (_, options, message) => {
  const load = () => loadKubeAccess(options());
  expect(load).toThrow(KubeConfigError);
  expect(load).toThrow(message);
  expect(load).not.toThrow('secret');
});
