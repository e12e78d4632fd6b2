import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import type { Binaries } from '../../scripts/binaries/find.ts';
import { eventually } from './eventually.ts';
import { issueSecret } from './issued-secrets.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { freePort } from './ports.ts';
import { type RunningProcess, startProgram } from './processes.ts';
import { PROJECT_ROOT, scratchFolder } from './run-folder.ts';

/**
 * A real Kubernetes control plane without nodes: etcd, kube-apiserver and, once the CRDs are in, kube-controller-manager
 * (started earlier it would learn of the custom resources up to 30 s late). With `etcd` a second API server joins an
 * existing etcd under a prefix of its own: an empty cluster in about three seconds, for tests that need one to themselves.
 * Certificates are the ones the API server makes for itself; everybody authenticates by token.
 */
export interface ControlPlaneInfo {
  readonly name: string;
  readonly url: string;
  readonly caFile: string;
  readonly adminToken: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly etcdUrl: string;
  readonly binaries: Binaries;
  /** Private folder for kubeconfigs and the like; never searched for leaks. */
  readonly folder: string;
}

export interface ControlPlane extends ControlPlaneInfo {
  /** Ends the API server alone, as an outage does. */
  stopApiServer(how?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port. */
  startApiServer(): Promise<void>;
  readonly apiServer: RunningProcess;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  name: string;
  binaries: Binaries;
  /** URL of an etcd to join under an own prefix. */
  etcdUrl?: string;
  /** Without the project's CRDs, for tests of their installation. */
  withoutCrds?: boolean;
  /** Without the controller manager: no garbage collection, no default ServiceAccounts; saves a second and 85 MiB. */
  withoutControllers?: boolean;
  apiServerFlags?: readonly string[];
}

const CONTROLLERS = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
].join(',');

export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = mkdtempSync(join(scratchFolder(), `${options.name}-`));
  const keys = createKeys(folder);
  const etcd =
    options.etcdUrl === undefined ? await withFreshPort((port) => startEtcd(options, folder, port)) : undefined;
  const etcdUrl = options.etcdUrl ?? etcd?.value ?? '';
  const server = await withFreshPort((port) => startApiServer(options, folder, keys, etcdUrl, port));
  let apiServer = server.process;
  const info: ControlPlaneInfo = {
    name: options.name,
    url: server.value,
    caFile: keys.caFile,
    adminToken: keys.adminToken,
    kubeconfig: join(folder, 'admin.kubeconfig'),
    etcdUrl,
    binaries: options.binaries,
    folder,
  };
  writeKubeconfig(info.kubeconfig, info, keys.adminToken);
  if (!options.withoutCrds) await applyCrds(info);
  const controllers = options.withoutControllers ? undefined : await startControllers(options, info, keys);
  return {
    ...info,
    get apiServer() {
      return apiServer;
    },
    async stopApiServer(how = 'SIGTERM') {
      if (how === 'SIGKILL') await apiServer.kill();
      else await apiServer.stop(5_000);
    },
    async startApiServer() {
      const port = Number(new URL(info.url).port);
      apiServer = (await startApiServer(options, folder, keys, etcdUrl, port)).process;
    },
    async stop() {
      await controllers?.stop(2_000);
      await apiServer.stop(3_000);
      await etcd?.process.stop(2_000);
    },
  };
}

interface Keys {
  readonly caFile: string;
  readonly tokensFile: string;
  readonly adminToken: string;
  readonly controllerManagerToken: string;
  readonly accountKeyFile: string;
  readonly accountPublicKeyFile: string;
}

function createKeys(folder: string): Keys {
  const adminToken = issueSecret(randomBytes(24).toString('hex'), "the administrator's token");
  const controllerManagerToken = issueSecret(randomBytes(24).toString('hex'), "the controller manager's token");
  const keys: Keys = {
    caFile: join(folder, 'certificates/apiserver.crt'),
    tokensFile: join(folder, 'tokens.csv'),
    adminToken,
    controllerManagerToken,
    accountKeyFile: join(folder, 'service-account.key'),
    accountPublicKeyFile: join(folder, 'service-account.pub'),
  };
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const secret = { mode: 0o600 };
  writeFileSync(keys.accountKeyFile, privateKey, secret);
  writeFileSync(keys.accountPublicKeyFile, publicKey, secret);
  const rows = [
    `${adminToken},admin,admin,"system:masters"`,
    `${controllerManagerToken},system:kube-controller-manager,kcm,"system:authenticated"`,
  ];
  writeFileSync(keys.tokensFile, `${rows.join('\n')}\n`, secret);
  return keys;
}

interface Started {
  readonly process: RunningProcess;
  readonly value: string;
}

/** A free port can be taken by another before it is used: then the program ends at once and the next port is tried. */
async function withFreshPort(start: (port: number) => Promise<Started>): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof Error && /address already in use/.test(error.message);
      if (!taken || attempt === 5) throw error;
    }
  }
}

async function startEtcd(options: ControlPlaneOptions, folder: string, port: number): Promise<Started> {
  const url = `http://127.0.0.1:${port}`;
  const argv = [
    '--name=test',
    `--data-dir=${folder}/etcd-${port}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--log-level=warn',
    '--unsafe-no-fsync',
    '--heartbeat-interval=100',
    '--election-timeout=1000',
  ];
  const etcd = await startProgram(`${options.name}-etcd`, options.binaries.etcd, argv, { readyUrl: `${url}/health` });
  return { process: etcd, value: url };
}

async function startApiServer(
  options: ControlPlaneOptions,
  folder: string,
  keys: Keys,
  etcdUrl: string,
  port: number,
): Promise<Started> {
  const url = `https://127.0.0.1:${port}`;
  mkdirSync(join(folder, 'certificates'), { recursive: true });
  const argv = [
    `--etcd-servers=${etcdUrl}`,
    `--etcd-prefix=/${options.name}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--cert-dir=${folder}/certificates`,
    '--anonymous-auth=false',
    `--token-auth-file=${keys.tokensFile}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keys.accountPublicKeyFile}`,
    `--service-account-signing-key-file=${keys.accountKeyFile}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
    '--profiling=false',
    ...(options.apiServerFlags ?? []),
  ];
  const server = await startProgram(`${options.name}-apiserver`, options.binaries['kube-apiserver'], argv);
  try {
    await eventually(
      async () => {
        if (!server.isRunning) return;
        if (!existsSync(keys.caFile)) throw new Error('it has no certificate yet');
        await expectOk({ url, caFile: keys.caFile, adminToken: keys.adminToken }, '/readyz');
      },
      { timeout: 60_000, what: 'the API server being ready' },
    );
  } catch (error) {
    await server.kill();
    throw error;
  }
  if (!server.isRunning) throw new Error(`kube-apiserver ended before it was ready:\n${server.output().slice(-3_000)}`);
  return { process: server, value: url };
}

/** One request with the administrator's token that must succeed. */
async function expectOk(server: Pick<ControlPlaneInfo, 'url' | 'caFile' | 'adminToken'>, path: string): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(server.caFile) } });
  try {
    const { statusCode, body } = await request(`${server.url}${path}`, {
      dispatcher,
      headers: { authorization: `Bearer ${server.adminToken}` },
      headersTimeout: 5_000,
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} answers ${statusCode}: ${text.slice(0, 500)}`);
  } finally {
    await dispatcher.destroy();
  }
}

async function applyCrds(info: ControlPlaneInfo): Promise<void> {
  const kubectl = async (...args: string[]): Promise<void> => {
    await promisify(execFile)(info.binaries.kubectl, ['--kubeconfig', info.kubeconfig, ...args], { timeout: 60_000 });
  };
  await kubectl('apply', '--server-side', '-f', join(PROJECT_ROOT, 'crds'));
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
}

async function startControllers(
  options: ControlPlaneOptions,
  info: ControlPlaneInfo,
  keys: Keys,
): Promise<RunningProcess> {
  const kubeconfig = join(info.folder, 'controller-manager.kubeconfig');
  writeKubeconfig(kubeconfig, info, keys.controllerManagerToken);
  const argv = [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--bind-address=127.0.0.1',
    `--root-ca-file=${keys.caFile}`,
    `--service-account-private-key-file=${keys.accountKeyFile}`,
    '--use-service-account-credentials=true',
    `--controllers=${CONTROLLERS}`,
  ];
  const program = options.binaries['kube-controller-manager'];
  const controllers = await startProgram(`${options.name}-controller-manager`, program, argv);
  await eventually(() => expectOk(info, '/api/v1/namespaces/default/serviceaccounts/default'), {
    timeout: 30_000,
    what: 'the controller manager creating the default ServiceAccount',
  });
  return controllers;
}
