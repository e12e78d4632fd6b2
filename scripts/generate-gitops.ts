import type { KindDefinition } from '../src/resources/definitions.ts';
import { apiVersionOf } from '../src/resources/object.ts';

/**
 * How GitOps tools tell the health of our kinds: Argo CD by a script in its ConfigMap, Flux by CEL expressions in a
 * Kustomization. One rule for all kinds, since all follow the same conventions of conditions.
 */
type Kinds = readonly KindDefinition[];

/** What Flux asks, in this order; it has already waited for `status.observedGeneration`. */
const FLUX_EXPRESSIONS = {
  inProgress:
    "has(metadata.deletionTimestamp) || !has(status.conditions) || status.conditions.exists(c, c.type == 'Reconciling' && c.status == 'True')",
  failed: "status.conditions.exists(c, c.type == 'Stalled' && c.status == 'True')",
  current: "status.conditions.exists(c, c.type in ['Ready', 'Expired', 'Suspended'] && c.status == 'True')",
} as const;

export function argocdConfigMap(kinds: Kinds, healthScript: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'argocd-cm',
      namespace: 'argocd',
      labels: { 'app.kubernetes.io/name': 'argocd-cm', 'app.kubernetes.io/part-of': 'argocd' },
    },
    data: Object.fromEntries(
      kinds.map(({ type }) => [`resource.customizations.health.${type.group}_${type.kind}`, healthScript]),
    ),
  };
}

export function fluxKustomization(kinds: Kinds): object {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'crisp-servers', namespace: 'flux-system' },
    spec: {
      interval: '10m',
      timeout: '2m',
      prune: true,
      wait: true,
      path: './servers',
      sourceRef: { kind: 'GitRepository', name: 'crisp-servers' },
      healthCheckExprs: kinds.map(({ type }) => ({
        apiVersion: apiVersionOf(type),
        kind: type.kind,
        ...FLUX_EXPRESSIONS,
      })),
    },
  };
}
