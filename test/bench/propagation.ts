import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findBinaries } from '../../scripts/binaries/find.ts';
import { findRedis } from '../../scripts/binaries/redis.ts';
import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import { createKubernetesObjectApi, type KubernetesObjectApi } from '../../src/kubernetes/kubernetes-object-api.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { type Installation, install } from '../e2e/installation.ts';
import { serverManifest } from '../e2e/manifests.ts';
import { tokenOfUrl } from '../e2e/namespace-user.ts';
import { connect } from '../harness/cluster.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { killAllProcesses } from '../harness/processes.ts';
import { createRunFolders, removeScratchFolder } from '../harness/run-folder.ts';
import { type GatewayProbe, gatewayProbe } from './gateway-probe.ts';
import { percentiles } from './statistics.ts';

/**
 * How long a change takes until the last of two gateways answers accordingly, on a real API server and Redis with
 * separate processes: applied to first 200, filter edited to first changed tools/list, deleted to first 404. Open loop:
 * changes begin at fixed instants whatever became of the ones before, and times count from those instants.
 */
const { values } = parseArgs({
  options: {
    servers: { type: 'string', default: '200' },
    rate: { type: 'string', default: '20' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log('npm run bench:propagation -- [--servers 200] [--rate 20 (changes a second)] [--json FILE]');
  process.exit(0);
}
const servers = Number(values.servers);
const rate = Number(values.rate);

createRunFolders();
const controlPlane = await startControlPlane({ name: 'bench', binaries: await findBinaries() });
try {
  const cluster = connect(controlPlane);
  const site = await install({ name: 'bench', cluster, gateways: 2, redis: { binary: await findRedis() } });
  await site.applyAccount();
  const api = createKubernetesObjectApi({
    kubeconfig: cluster.kubeconfig,
    clock: systemClock,
    logger: silentLogger,
    rate: { perSecond: 1_000, burst: 1_000 },
  });
  const probes = site.gateways.map(({ url }) => gatewayProbe(url));
  report(await measure(site, api, probes));
  await Promise.all(probes.map((probe) => probe.close()));
  await api.close();
  await site.stop();
} finally {
  await killAllProcesses();
  await controlPlane.stop();
  removeScratchFolder();
}

interface Latencies {
  readonly create: readonly number[];
  readonly edit: readonly number[];
  readonly delete: readonly number[];
}

async function measure(
  site: Installation,
  api: KubernetesObjectApi,
  probes: readonly GatewayProbe[],
): Promise<Latencies> {
  const { namespace } = site;
  const names = Array.from({ length: servers }, (_, index) => `server-${index}`);
  const tokens = await tokensOf(api, namespace);
  const last = async (token: string, fits: Parameters<GatewayProbe['until']>[1]) =>
    Math.max(...(await Promise.all(probes.map((probe) => probe.until(token, fits)))));

  progress('creating');
  const create = await openLoop(names, async (name) => {
    await api.create(
      crispMcpServerType,
      serverManifest(namespace, name, 'acme', { tags: ['support'], methods: ['read'] }),
    );
    return last(await tokens.of(name), ({ status }) => status === 200);
  });
  progress('editing');
  const edit = await openLoop(names, async (name) => {
    const token = await tokens.of(name);
    const before = await probes[0]?.toolsList(token);
    await api.mergePatch(crispMcpServerType, { namespace, name }, { spec: { tags: ['helpdesk'] } });
    return last(token, ({ status, body }) => status === 200 && body !== before?.body);
  });
  progress('deleting');
  const deleted = await openLoop(names, async (name) => {
    const token = await tokens.of(name);
    await api.delete(crispMcpServerType, { namespace, name });
    return last(token, ({ status }) => status === 404);
  });
  await tokens.stop();
  return { create, edit, delete: deleted };
}

/** Runs `change` for each name at its instant; yields milliseconds from that instant to what it resolved to. */
async function openLoop(names: readonly string[], change: (name: string) => Promise<number>): Promise<number[]> {
  const start = performance.now() + 100;
  return Promise.all(
    names.map(async (name, index) => {
      const due = start + (index * 1_000) / rate;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      return (await change(name)) - due;
    }),
  );
}

/** The tokens as a client of the cluster learns them: from Secrets, by a watch. */
async function tokensOf(api: KubernetesObjectApi, namespace: string) {
  const waiting = new Map<string, PromiseWithResolvers<string>>();
  const entry = (name: string) => {
    const known = waiting.get(name) ?? Promise.withResolvers<string>();
    waiting.set(name, known);
    return known;
  };
  const secrets = new Reflector<Secret>({
    api,
    type: secretType,
    namespaces: [namespace],
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  });
  secrets.onChange((change) => {
    if (change.kind === 'removed') return;
    const url = change.object.data?.url;
    if (url === undefined) return;
    entry(change.object.metadata.name.replace(/-mcp$/, '')).resolve(
      tokenOfUrl(Buffer.from(url, 'base64').toString('utf8')),
    );
  });
  secrets.start();
  await secrets.waitForSync();
  return { of: (name: string) => entry(name).promise, stop: () => secrets.stop() };
}

function progress(what: string): void {
  console.error(`${what} ${servers} servers at ${rate}/s`);
}

function report(latencies: Latencies): void {
  const figures = {
    createMs: percentiles(latencies.create),
    editMs: percentiles(latencies.edit),
    deleteMs: percentiles(latencies.delete),
    servers,
  };
  console.table({
    'applied to first 200': figures.createMs,
    'edited to first changed tools/list': figures.editMs,
    'deleted to first 404': figures.deleteMs,
  });
  console.log(`milliseconds until the last of 2 gateways, ${servers} servers, ${rate} changes a second`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures)}\n`);
}
