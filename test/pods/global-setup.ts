import type { TestProject } from 'vitest/node';
import { findBinaries } from '../../scripts/binaries/find.ts';
import { chooseCluster, stateFolder } from '../cluster/choose.ts';
import { downAfter } from '../cluster/cluster.ts';
import type { ClusterKind, TestCluster } from '../cluster/test-cluster.ts';
import { testRunClaim } from '../cluster/test-run-claim.ts';
import { issuedSecrets } from '../harness/issued-secrets.ts';
import { describeLeaks, searchLeaks } from '../harness/leak-search.ts';
import { createRunFolders, outputFolder, removeScratchFolder, runIsOpen } from '../harness/run-folder.ts';
import { saveDaemonLogs } from './daemon-logs.ts';
import { type PodsImages, prepareImages } from './images.ts';

/**
 * One cluster for all tests on real Pods. One that somebody brought up by hand (`npm run cluster -- up`) is used and left
 * as it is up; else a fresh one is made, and taken down at the end, also when this process is killed.
 */
export interface PodsCluster {
  readonly kind: ClusterKind;
  readonly kubeconfig: string;
  readonly kubectl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    podsCluster: PodsCluster;
    podsImages: PodsImages;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ownRun = !runIsOpen();
  if (ownRun) createRunFolders();
  const started = performance.now();
  const say = (line: string): void => console.log(`${((performance.now() - started) / 1_000).toFixed(1)} s  ${line}`);
  const cluster = await chooseCluster({ say });
  const { kubectl } = await findBinaries();
  const takeDown = await bringUp(cluster, say);
  try {
    project.provide('podsImages', await prepareImages(cluster));
    say('images loaded');
  } catch (error) {
    await takeDown();
    throw error;
  }
  project.provide('podsCluster', { kind: cluster.kind, kubeconfig: cluster.kubeconfig, kubectl });
  return async () => {
    await saveDaemonLogs(cluster);
    await takeDown();
    if (!ownRun) return;
    const leaks = await searchLeaks(outputFolder(), issuedSecrets());
    removeScratchFolder();
    if (leaks.length > 0)
      throw new Error(`Secrets of this run were found in ${outputFolder()}:\n${describeLeaks(leaks)}`);
  };
}

/** Returns what takes it down again, which for a cluster of somebody else's is nothing. */
async function bringUp(cluster: TestCluster, say: (line: string) => void): Promise<() => Promise<void>> {
  const claim = testRunClaim(stateFolder());
  if (cluster.kind === 'kubeconfig' || ((await claim.owner()) === undefined && (await cluster.isUp()))) {
    return async () => {};
  }
  await claim.take(process.pid, (pid) => say(`waiting for the cluster: process ${pid} runs tests on it`));
  const takeDown = async (): Promise<void> => {
    await cluster.down();
    await claim.release(process.pid);
  };
  downAfter(process.pid);
  try {
    await cluster.down();
    await cluster.up();
  } catch (error) {
    await takeDown();
    throw error;
  }
  return takeDown;
}
