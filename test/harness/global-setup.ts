import type { TestProject } from 'vitest/node';
import { type Binaries, findBinaries } from '../../scripts/binaries/find.ts';
import { findRedis } from '../../scripts/binaries/redis.ts';
import { type ControlPlaneInfo, startControlPlane } from './control-plane.ts';
import { issuedSecrets } from './issued-secrets.ts';
import { describeLeaks, searchLeaks } from './leak-search.ts';
import { recordResources } from './record-resources.ts';
import { createRunFolders, outputFolder, removeScratchFolder, runIsOpen } from './run-folder.ts';

/**
 * Starts what all cluster tests share, once a run: the control plane, with every version of our resources and every event
 * recorded. Redis is started by each test for itself. Run on its own (not by `npm test`) it also searches for leaks.
 */
declare module 'vitest' {
  interface ProvidedContext {
    controlPlane: ControlPlaneInfo;
    binaries: Binaries;
    redisServer: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ownRun = !runIsOpen();
  if (ownRun) createRunFolders();
  const [binaries, redisServer] = [await findBinaries(), await findRedis()];
  const controlPlane = await startControlPlane({ name: 'shared', binaries });
  const recording = recordResources(controlPlane);
  const { name, url, caFile, adminToken, kubeconfig, etcdUrl, folder } = controlPlane;
  project.provide('controlPlane', { name, url, caFile, adminToken, kubeconfig, etcdUrl, folder, binaries });
  project.provide('binaries', binaries);
  project.provide('redisServer', redisServer);
  return async () => {
    await recording.stop();
    await controlPlane.stop();
    if (!ownRun) return;
    const leaks = await searchLeaks(outputFolder(), issuedSecrets());
    removeScratchFolder();
    if (leaks.length > 0)
      throw new Error(`Secrets of this run were found in ${outputFolder()}:\n${describeLeaks(leaks)}`);
  };
}
