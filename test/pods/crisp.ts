import { randomBytes, randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { secretManifest } from '../e2e/manifests.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { apply, kubectl, restrictedNamespace } from './people.ts';
import { type Crisp, websiteOf } from './release.ts';

/**
 * A sandbox that belongs to no release, in a namespace of its own: it stays as it is while a release is upgraded, as Crisp
 * does. Takes the values with which a release may call it.
 */
const NAME = 'crisp';
const PORT = 8090;

export interface CrispBeside extends Crisp {
  readonly values: object;
  close(): Promise<void>;
}

export async function startCrisp(namespace: string, accountNamespace: string): Promise<CrispBeside> {
  const { image } = inject('podsImages');
  const credential = {
    identifier: randomUUID(),
    key: issueSecret(randomBytes(32).toString('hex'), "the sandbox's key"),
  };
  await restrictedNamespace(namespace);
  await restrictedNamespace(accountNamespace);
  const labels = { app: NAME };
  const security = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const container = {
    name: NAME,
    image: `${image.repository}:${image.tag}`,
    args: ['sandbox', '--host', '0.0.0.0', '--port', String(PORT)],
    env: ['identifier', 'key'].map((key) => ({
      name: `SANDBOX_${key.toUpperCase()}`,
      valueFrom: { secretKeyRef: { name: NAME, key } },
    })),
    readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
    securityContext: security,
  };
  await apply(
    secretManifest(namespace, NAME, credential),
    secretManifest(accountNamespace, 'acme-crisp', credential),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: NAME, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { automountServiceAccountToken: false, containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: NAME, namespace },
      spec: { selector: labels, ports: [{ port: PORT }] },
    },
  );
  const rollout = ['-n', namespace, 'rollout', 'status', `deployment/${NAME}`, '--timeout=120s'];
  await kubectl(rollout, { timeout: 130_000 });
  const apiUrl = `http://${NAME}.${namespace}:${PORT}`;
  return {
    apiUrl,
    websiteId: await websiteOf(namespace, NAME),
    secretName: 'acme-crisp',
    values: { allowedApiUrls: [apiUrl], networkPolicy: { crispPorts: [PORT] } },
    async close() {
      await kubectl(['delete', 'namespace', namespace, '--wait=false']);
    },
  };
}
