import { type EventObject, type Lease, microTime, type Secret } from '../../src/kubernetes/core-types.ts';
import { isApiError, type ObjectApi, type WatchEvent, type WatchOptions } from '../../src/kubernetes/object-api.ts';
import type { CrispAccount } from '../../src/resources/crisp-account.ts';
import {
  type CrispMcpServer,
  type CrispMcpServerSpec,
  crispMcpServerType,
} from '../../src/resources/crisp-mcp-server.ts';
import type { KubernetesObject, ResourceType } from '../../src/resources/object.ts';

/** What the conformance suite works on: an implementation of the resource API, objects to give it, ways to watch it. */
export interface Subject {
  readonly api: ObjectApi;
  /** A namespace of the test's own, which nobody deletes. */
  freshNamespace(): Promise<string>;
  close(): Promise<void>;
}

export const WEBSITE = '0f4c3b0e-6f1d-4b7e-9b64-0d7f3c1a2b3c';
export const OTHER_WEBSITE = '1f4c3b0e-6f1d-4b7e-9b64-0d7f3c1a2b3c';
export const FINALIZER = 'crispmcp.io/routes';

export function server(namespace: string, spec: Partial<CrispMcpServerSpec> = {}, name = 'support'): CrispMcpServer {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispMcpServer',
    metadata: { name, namespace },
    spec: { accountRef: { name: 'acme' }, ...spec },
  };
}

export function account(namespace: string, spec: Partial<CrispAccount['spec']> = {}): CrispAccount {
  return {
    apiVersion: 'crispmcp.io/v1alpha1',
    kind: 'CrispAccount',
    metadata: { name: 'acme', namespace },
    spec: { websiteId: WEBSITE, credentials: [{ tier: 'plugin', secretRef: { name: 'key' } }], ...spec },
  };
}

export function secret(namespace: string, parts: Partial<Secret> = {}, name = 'key'): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...parts };
}

export function lease(namespace: string, spec: Lease['spec']): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader', namespace },
    ...(spec === undefined ? {} : { spec }),
  };
}

export function event(namespace: string, parts: Partial<EventObject> = {}): EventObject {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'support.1', namespace },
    eventTime: microTime(1_767_225_600_123),
    reportingController: 'crispmcp.io/operator',
    reportingInstance: 'operator-1',
    action: 'Publish',
    reason: 'Published',
    type: 'Normal',
    note: 'The URL works.',
    regarding: { apiVersion: 'crispmcp.io/v1alpha1', kind: 'CrispMcpServer', namespace, name: 'support' },
    ...parts,
  };
}

export const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Serving',
  message: 'It works.',
  lastTransitionTime: '2026-01-01T00:00:00Z',
} as const;

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The ApiError of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<{ reason: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!isApiError(error)) throw error;
    return { reason: error.reason, status: error.status, message: error.message };
  }
  throw new Error('the call succeeded');
}

export type ObjectEvent<T> = Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>;

/** The first `count` events that are no bookmarks; fails when they do not come within ten seconds. */
export async function take<T extends KubernetesObject>(
  api: ObjectApi,
  type: ResourceType<T>,
  options: Omit<WatchOptions, 'timeoutSeconds' | 'signal'>,
  count: number,
): Promise<ObjectEvent<T>[]> {
  const events: ObjectEvent<T>[] = [];
  const signal = AbortSignal.timeout(10_000);
  for await (const event of api.watch(type, { ...options, timeoutSeconds: 30, signal })) {
    if (event.type !== 'BOOKMARK') events.push(event);
    if (events.length === count) return events;
  }
  throw new Error(`only ${events.length} of ${count} events came: ${events.map((event) => event.type).join(', ')}`);
}

/** The resource version from which a watch of the namespace begins. */
export async function present<T extends KubernetesObject>(
  api: ObjectApi,
  type: ResourceType<T>,
  namespace: string,
): Promise<string> {
  return (await api.list(type, { namespace })).resourceVersion;
}

/**
 * Creates the server and writes it once without a change: the default status is stored only by the first write after
 * the creation, which therefore is never without effect.
 */
export async function settle(api: ObjectApi, object: CrispMcpServer): Promise<CrispMcpServer> {
  const { metadata } = await api.create(crispMcpServerType, object);
  return api.mergePatch(crispMcpServerType, metadata, { spec: {} });
}
