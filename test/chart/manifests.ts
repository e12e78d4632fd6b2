import { z } from 'zod';
import type { Manifest } from '../../scripts/chart/render.ts';

/** Looking things up in what the chart renders. Each fails with the name of what is missing. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`${kind} ${name} is not rendered`);
  return found;
}

export function names(manifests: readonly Manifest[], kind: string): string[] {
  return manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
}

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  securityContext: z.looseObject({}),
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({}) }),
});
const podSpec = z.looseObject({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.looseObject({}),
  containers: z.array(container),
});
const podTemplate = z.looseObject({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: podSpec,
});
const workload = z.looseObject({ spec: z.looseObject({ template: podTemplate }) });

export type PodSpec = z.infer<typeof podSpec>;

export function podTemplateOf(manifest: Manifest): z.infer<typeof podTemplate> {
  return workload.parse(manifest).spec.template;
}

/** The Pods of everything that makes Pods, tests and hooks included. */
export function podSpecs(manifests: readonly Manifest[]): { name: string; spec: PodSpec }[] {
  return manifests.flatMap((manifest) => {
    const { name } = manifest.metadata;
    if (['Deployment', 'StatefulSet', 'Job'].includes(manifest.kind))
      return [{ name, spec: podTemplateOf(manifest).spec }];
    return manifest.kind === 'Pod' ? [{ name, spec: podSpec.parse(manifest.spec) }] : [];
  });
}

export function environmentOf(manifest: Manifest): Record<string, string | undefined> {
  const [first] = podTemplateOf(manifest).spec.containers;
  return Object.fromEntries((first?.env ?? []).map(({ name, value }) => [name, value]));
}
