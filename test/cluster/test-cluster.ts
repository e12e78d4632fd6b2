/**
 * A Kubernetes cluster for the tests on real Pods. There are three kinds: one that `kind` makes where a container engine
 * runs, a node made of this machine's namespaces, and any cluster that a kubeconfig names.
 */
export type ClusterKind = 'kind' | 'node' | 'kubeconfig';

export interface TestCluster {
  readonly kind: ClusterKind;
  readonly kubeconfig: string;
  /** Why it cannot be had here, in a sentence; `undefined` when it can. */
  whyNot(): Promise<string | undefined>;
  up(): Promise<void>;
  /** Makes images known to it: archives in the OCI layout. */
  loadImages(files: readonly string[]): Promise<void>;
  /** Gives an image that it has another name; both are full ones, like `docker.io/library/redis:7`. */
  tagImage(name: string, other: string): Promise<void>;
  /** Leaves nothing behind; does nothing where nothing is. */
  down(): Promise<void>;
  isUp(): Promise<boolean>;
  /** Where its daemons log, if that can be seen. */
  readonly logsFolder: string | undefined;
}

/** This machine cannot have such a cluster; the message says why. */
export class CannotRunHere extends Error {
  override readonly name = 'CannotRunHere';
  readonly code = 'CANNOT_RUN_HERE';
}
