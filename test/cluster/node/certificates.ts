import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { API_SERVICE, NODE_ADDRESS, NODE_NAME, type NodeLayout } from './layout.ts';

/**
 * The keys of the cluster, fresh for each start, and a kubeconfig for every client of the API server. Made with openssl,
 * for Node signs no certificates. They never leave the state folder, which nobody but root may read.
 */
interface Client {
  readonly name: string;
  readonly subject: string;
}

/** Those that get a kubeconfig. */
const CLIENTS: readonly Client[] = [
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'kubelet', subject: `/O=system:nodes/CN=system:node:${NODE_NAME}` },
  { name: 'proxy', subject: '/CN=system:kube-proxy' },
];
const API_NAMES = [
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
  'DNS:kubernetes.default.svc.cluster.local',
  'DNS:localhost',
  'IP:127.0.0.1',
  `IP:${NODE_ADDRESS}`,
  `IP:${API_SERVICE}`,
].join(',');
const DAYS = '30';

export async function createCertificates(layout: NodeLayout, openssl: string): Promise<void> {
  await mkdir(layout.keys, { recursive: true, mode: 0o700 });
  const run = async (...argv: string[]): Promise<void> => {
    await promisify(execFile)(openssl, argv, { cwd: layout.keys, timeout: 60_000 });
  };
  await run('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ca.key');
  const authority = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
  ];
  await run(
    'req',
    '-x509',
    '-new',
    '-key',
    'ca.key',
    '-subj',
    '/CN=crisp-mcp-node-ca',
    '-days',
    DAYS,
    '-out',
    'ca.crt',
    ...authority,
  );
  await run('genrsa', '-out', 'service-accounts.key', '2048');
  await run('rsa', '-in', 'service-accounts.key', '-pubout', '-out', 'service-accounts.pub');

  const issue = async (name: string, subject: string, usage: string, names?: string): Promise<void> => {
    const extensions = ['keyUsage=critical,digitalSignature,keyEncipherment', `extendedKeyUsage=${usage}`];
    if (names !== undefined) extensions.push(`subjectAltName=${names}`);
    await writeFile(join(layout.keys, `${name}.ext`), `${extensions.join('\n')}\n`);
    await run('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', `${name}.key`);
    await run('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', DAYS];
    await run('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`, '-extfile', `${name}.ext`);
  };
  await issue('api-server', '/CN=kube-apiserver', 'serverAuth', API_NAMES);
  await issue('kubelet-server', `/CN=${NODE_NAME}`, 'serverAuth', `DNS:${NODE_NAME},IP:${NODE_ADDRESS}`);
  await issue('kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client', 'clientAuth');
  await issue('front-proxy', '/CN=front-proxy-client', 'clientAuth');
  for (const { name, subject } of CLIENTS) {
    await issue(name, subject, 'clientAuth');
    await writeKubeconfig(layout, name);
  }
}

async function writeKubeconfig(layout: NodeLayout, name: string): Promise<void> {
  const base64 = async (file: string): Promise<string> => (await readFile(join(layout.keys, file))).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': NODE_NAME,
    contexts: [{ name: NODE_NAME, context: { cluster: NODE_NAME, user: name } }],
    clusters: [
      {
        name: NODE_NAME,
        cluster: { server: `https://${NODE_ADDRESS}:6443`, 'certificate-authority-data': await base64('ca.crt') },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': await base64(`${name}.crt`),
          'client-key-data': await base64(`${name}.key`),
        },
      },
    ],
  };
  await writeFile(layout.kubeconfig(name), JSON.stringify(config), { mode: 0o600 });
}
