import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../../scripts/chart/render.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { find } from './manifests.ts';

/**
 * What a kubelet makes of a rendered Pod, without one: the command line and the environment of its container, with the
 * Secrets of the same render in their places, and Secret volumes as folders. Addresses are the test's own.
 */
export interface RenderedProcess {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const container = z.looseObject({
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .looseObject({ secretKeyRef: z.looseObject({ name: z.string(), key: z.string() }).optional() })
          .optional(),
      }),
    )
    .default([]),
});
const podHolder = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ spec: z.looseObject({ containers: z.tuple([container]) }) }) }),
});
const secret = z.looseObject({
  data: z.record(z.string(), z.string()).default({}),
  stringData: z.record(z.string(), z.string()).default({}),
});

export function processOf(manifests: readonly Manifest[], kind: string, name: string): RenderedProcess {
  const [{ command, args, env }] = podHolder.parse(find(manifests, kind, name)).spec.template.spec.containers;
  const values = env.map(({ name: variable, value, valueFrom }): [string, string] => {
    const reference = valueFrom?.secretKeyRef;
    if (reference === undefined) return [variable, value ?? 'crisp-mcp-0'];
    const entry = secretOf(manifests, reference.name)[reference.key];
    if (entry === undefined) throw new Error(`Secret ${reference.name} has no ${reference.key} for ${variable}`);
    return [variable, entry];
  });
  return { command, args, env: Object.fromEntries(values) };
}

export function secretOf(manifests: readonly Manifest[], name: string): Record<string, string> {
  const { data, stringData } = secret.parse(find(manifests, 'Secret', name));
  const decoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]);
  return { ...Object.fromEntries(decoded), ...stringData };
}

/** The Secret as a volume; its values are registered for the leak search, save what holds only hashes. */
export function mountSecret(manifests: readonly Manifest[], name: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const [key, value] of Object.entries(secretOf(manifests, name))) {
    if (key !== 'users.acl') issueSecret(value, `${key} of the Secret ${name}`);
    writeFileSync(join(folder, key), value, { mode: 0o600 });
  }
  return folder;
}
