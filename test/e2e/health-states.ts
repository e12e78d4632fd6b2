import { secretType } from '../../src/kubernetes/core-types.ts';
import { Harness, NAMESPACE } from '../../src/operator/operator-harness.ts';
import { type CrispAccount, crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';

/**
 * Our resources in each state that a GitOps tool can find them in, as the operator itself leaves them: every object here
 * was made through the API with its CRD's defaults, and every status was written by a running operator.
 */
export interface HealthState {
  readonly object: CrispMcpServer | CrispAccount;
  /** What the tool should say. */
  readonly argocd: 'Healthy' | 'Progressing' | 'Suspended' | 'Degraded';
  readonly flux: 'Current' | 'InProgress' | 'Failed';
  /** Reason in status: proof that the operator said it; empty when nothing was said yet. */
  readonly reason: string;
}

type Expected = Omit<HealthState, 'object'>;

const progressing = { argocd: 'Progressing', flux: 'InProgress' } as const;
const healthy = { argocd: 'Healthy', flux: 'Current' } as const;
const ended = { argocd: 'Suspended', flux: 'Current' } as const;
const stalled = { argocd: 'Degraded', flux: 'Failed' } as const;
/** Heals by itself as soon as something else is there: Flux goes on waiting for that, within its time-out. */
const waiting = { argocd: 'Degraded', flux: 'InProgress' } as const;

export async function healthStates(): Promise<ReadonlyMap<string, HealthState>> {
  const h = new Harness();
  const states = new Map<string, HealthState>();
  const server = async (name: string, what: string, expected: Expected) => {
    const object = await h.api.get(crispMcpServerType, { namespace: NAMESPACE, name });
    if (object === undefined) throw new Error(`There is no server ${name}`);
    states.set(`server ${what}`, { object, ...expected });
  };
  const account = async (name: string, what: string, expected: Expected) => {
    const object = await h.api.get(crispAccountType, { namespace: NAMESPACE, name });
    if (object === undefined) throw new Error(`There is no account ${name}`);
    states.set(`account ${what}`, { object, ...expected });
  };
  await h.credentials();
  await h.account();
  await h.server('plain', { expirationPolicy: 'Retain', expiresAt: '2026-01-01T01:00:00Z' });
  await server('plain', 'just created', { ...progressing, reason: '' });
  await account('acme', 'just created', { ...progressing, reason: '' });

  await h.server('tombstone', { expiresAt: '2020-01-01T00:00:00Z' });
  await h.server('paused', { suspend: true });
  await h.server('held');
  await h.server('lonely', { accountRef: { name: 'nobody' } });
  await h.server('empty', { tags: ['no-such-tag'] });
  await h.api.create(secretType, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'foreign-mcp', namespace: NAMESPACE },
    type: 'Opaque',
  });
  await h.server('foreign');
  await h.account('without-secret', { credentials: [{ tier: 'plugin', secretRef: { name: 'no-such' } }] });
  await h.account('elsewhere', { apiUrl: 'https://crisp.example.net' });
  await h.start();
  await server('plain', 'ready', { ...healthy, reason: 'Serving' });
  await account('acme', 'ready', { ...healthy, reason: 'CredentialsAccepted' });
  await server('tombstone', 'expired tombstone', { ...ended, reason: 'BornExpired' });
  await server('paused', 'suspended', { ...ended, reason: 'SuspendRequested' });
  await server('foreign', 'stalled', { ...stalled, reason: 'SecretConflict' });
  await account('elsewhere', 'stalled', { ...stalled, reason: 'ApiUrlNotAllowed' });
  await server('lonely', 'without its account', { ...waiting, reason: 'AccountNotFound' });
  await server('empty', 'without tools', { ...waiting, reason: 'NoToolsMatched' });
  await account('without-secret', 'without its Secret', { ...waiting, reason: 'SecretNotFound' });

  // A Secret that somebody's finalizer holds while it is deleted: a new token has to wait.
  await h.api.mergePatch(
    secretType,
    { namespace: NAMESPACE, name: 'held-mcp' },
    { metadata: { finalizers: ['example.com/holds'] } },
  );
  await h.api.delete(secretType, { namespace: NAMESPACE, name: 'held-mcp' });
  await h.settle();
  await server('held', 'reconciling', { ...progressing, reason: 'Provisioning' });

  await h.advance(3_600_001);
  await server('plain', 'expired and retained', { ...ended, reason: 'ExpiresAtPassed' });

  await h.operator?.stop();
  await h.patchServer('plain', { spec: { expiresAt: '2027-01-01T00:00:00Z' } });
  await server('plain', 'edited and not yet looked at', { ...progressing, reason: 'ExpiresAtPassed' });
  await h.api.delete(crispMcpServerType, { namespace: NAMESPACE, name: 'lonely' });
  await server('lonely', 'deleting', { ...progressing, reason: 'AccountNotFound' });
  return states;
}
