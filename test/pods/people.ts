import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createCommands } from '../cluster/node/commands.ts';

/** What the tests on real Pods do as the cluster's administrator: kubectl, on the cluster that the run has. */
export const cluster = inject('podsCluster');
const commands = createCommands([]);

export interface KubectlOptions {
  readonly input?: string;
  /** Milliseconds; a minute unless told. */
  readonly timeout?: number;
}

export function kubectl(argv: readonly string[], options: KubectlOptions = {}): Promise<string> {
  return commands.run(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...argv], options);
}

export async function apply(...objects: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: JSON.stringify(list) });
}

/** The value at a JSONPath, or '' when there is none or no such object. */
export async function valueAt(namespace: string, object: string, path: string): Promise<string> {
  return await kubectl(['-n', namespace, 'get', object, '--ignore-not-found', '-o', `jsonpath=${path}`]);
}

/** A name that no other run on the same cluster has, or had a moment ago. */
export function freshName(stem: string): string {
  return `${stem}-${randomBytes(3).toString('hex')}`;
}

/** A namespace in which only Pods of the Pod Security Standard "restricted" are let in. */
export async function restrictedNamespace(name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'crispmcp.io/test': 'pods' };
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}
