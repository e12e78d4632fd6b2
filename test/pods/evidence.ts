import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFailed } from 'vitest';
import { outputFolder } from '../harness/run-folder.ts';
import { kubectl } from './people.ts';

/**
 * What tests on real Pods leave to be read in the output folder of the run: logs and events always, for the leak search
 * reads them too; descriptions when a test failed. Secrets are left out.
 */
export async function saveEvidence(namespace: string, label: string): Promise<void> {
  const folder = join(outputFolder(), 'pods', label);
  await mkdir(folder, { recursive: true });
  const save = async (file: string, argv: readonly string[]): Promise<void> => {
    const text = await kubectl(argv).catch((error: unknown) => String(error));
    await writeFile(join(folder, file), text);
  };
  await save('objects.txt', ['-n', namespace, 'get', 'all,pvc,ingress,networkpolicy,crisp', '-o', 'wide']);
  await save('resources.yaml', ['-n', namespace, 'get', 'crisp', '-o', 'yaml']);
  await save('events.txt', ['-n', namespace, 'get', 'events', '--sort-by=.lastTimestamp']);
  await save('pods.txt', ['-n', namespace, 'describe', 'pods']);
  const pods = (await kubectl(['-n', namespace, 'get', 'pods', '-o', 'name']).catch(() => ''))
    .split('\n')
    .filter(Boolean);
  for (const pod of pods) {
    const name = pod.replace('pod/', '');
    await save(`${name}.log`, ['-n', namespace, 'logs', pod, '--all-containers', '--tail=-1']);
    await save(`${name}.former.log`, ['-n', namespace, 'logs', pod, '--all-containers', '--previous']);
  }
}

/** Call it at the beginning of a test: when that fails, its namespace is described before anything is taken down. */
export function evidenceOnFailure(namespace: string): void {
  onTestFailed(async ({ task }) => {
    await saveEvidence(namespace, `failed-${task.name.slice(0, 40).replaceAll(/[^a-zA-Z0-9]+/g, '-')}`);
  }, 60_000);
}
