import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findBinaries } from '../../scripts/binaries/find.ts';
import { SetupError } from '../../scripts/bootstrap/setup-error.mjs';
import { chooseCluster, stateFolder } from './choose.ts';
import { createCommands } from './node/commands.ts';
import { CannotRunHere, type TestCluster } from './test-cluster.ts';
import { isAlive, testRunClaim } from './test-run-claim.ts';

/**
 * The cluster for tests on real Pods, by hand: `node test/cluster/cluster.ts up | load-image FILE.tar... | status | env |
 * down`. Which kind it is, `choose.ts` says.
 */
const USAGE = `npm run cluster -- COMMAND

  up                    a cluster, ready for Pods
  load-image FILE...    images of the OCI layout, for its Pods
  status                what runs there
  env                   variables for the shell: eval "$(npm run --silent cluster -- env)"
  down                  takes it away, and all that it left

CRISP_MCP_TEST_CLUSTER=kind|node chooses; CRISP_MCP_TEST_KUBECONFIG names one of your own.`;

async function main([command = '', ...rest]: readonly string[]): Promise<number> {
  const started = performance.now();
  const say = (line: string): void =>
    console.error(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  const cluster = await chooseCluster({ say });
  switch (command) {
    case 'up':
      await cluster.up();
      say(`up; ${environmentOf(cluster)}`);
      return 0;
    case 'load-image':
      if (rest.length === 0) break;
      await cluster.loadImages(await Promise.all(rest.map((file) => realpath(file))));
      return 0;
    case 'status':
      return await status(cluster);
    case 'env':
      console.log(environmentOf(cluster));
      return 0;
    case 'down':
      await cluster.down();
      say('down');
      return 0;
    case 'follow':
      await follow(Number(rest[0]), cluster);
      return 0;
  }
  console.error(USAGE);
  return 2;
}

function environmentOf(cluster: TestCluster): string {
  return `export KUBECONFIG='${cluster.kubeconfig}'`;
}

async function status(cluster: TestCluster): Promise<number> {
  if (!(await cluster.isUp())) {
    console.log(`down (${cluster.kind}, state in ${stateFolder()})`);
    return 1;
  }
  const { kubectl } = await findBinaries();
  const argv = ['--kubeconfig', cluster.kubeconfig, 'get', 'nodes,pods', '-A', '-o', 'wide'];
  console.log(`up (${cluster.kind})\n${await createCommands([]).run(kubectl, argv)}`);
  return 0;
}

/** Takes the cluster of a test run down when its process is gone, however it went. */
async function follow(pid: number, cluster: TestCluster): Promise<void> {
  while (isAlive(pid)) await sleep(1_000);
  const claim = testRunClaim(stateFolder());
  // Otherwise it was taken down in order, and the next run may have one by now.
  if ((await claim.owner()) !== pid) return;
  await cluster.down();
  await claim.release(pid);
}

/** Leaves a process behind that takes the cluster down after a test run, should that be killed. */
export function downAfter(pid: number, environment: NodeJS.ProcessEnv = process.env): void {
  const argv = [fileURLToPath(import.meta.url), 'follow', String(pid)];
  spawn(process.execPath, argv, { detached: true, stdio: 'ignore', env: environment, cwd: '/' }).unref();
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CannotRunHere) console.error(`No cluster of this kind can run here: ${error.message}.`);
    else if (error instanceof SetupError) console.error(error.message);
    else throw error;
    process.exitCode = 3;
  }
}
