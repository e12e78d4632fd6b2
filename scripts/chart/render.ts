import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { findChartTool } from '../binaries/chart-tools.ts';

/**
 * Renders the chart with the real Helm, without a cluster. {@link renderChart} fails with Helm's own words, which are
 * what a user would read.
 */
export const CHART = join(import.meta.dirname, '../../charts/crisp-mcp');

export interface RenderOptions {
  readonly values?: object;
  readonly release?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
  /** API groups that the pretended cluster has, like `monitoring.coreos.com/v1`. */
  readonly apiVersions?: readonly string[];
  /** Without the hooks and tests, as plain manifests have it. */
  readonly withoutHooks?: boolean;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export class HelmError extends Error {
  override readonly name = 'HelmError';
  readonly code = 'HELM_FAILED';
}

export async function renderText(options: RenderOptions = {}): Promise<string> {
  const { values = {}, release = 'crisp-mcp', namespace = 'crisp-mcp' } = options;
  const argv = ['template', release, CHART, '--namespace', namespace, '--values', '-'];
  argv.push('--kube-version', options.kubeVersion ?? 'v1.36.0');
  for (const api of options.apiVersions ?? []) argv.push('--api-versions', api);
  if (options.withoutHooks) argv.push('--no-hooks', '--skip-tests');
  return await runHelm(argv, JSON.stringify(values));
}

export async function renderChart(options: RenderOptions = {}): Promise<Manifest[]> {
  return parseManifests(await renderText(options));
}

export function parseManifests(text: string): Manifest[] {
  // As Kubernetes reads YAML: 0440 is octal there, and yes is true.
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw problem;
    const manifest: unknown = document.toJS();
    if (manifest === null) return [];
    if (!isManifest(manifest)) throw new Error(`not a manifest: ${JSON.stringify(manifest).slice(0, 200)}`);
    return [manifest];
  });
}

/** Runs helm; `stdin` is what `--values -` reads. */
export async function runHelm(argv: readonly string[], stdin = '', env: NodeJS.ProcessEnv = {}): Promise<string> {
  const helm = await findChartTool('helm');
  const running = promisify(execFile)(helm, [...argv], {
    env: { ...process.env, ...env },
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.end(stdin);
  try {
    return (await running).stdout;
  } catch (error) {
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new HelmError(words.trim(), { cause: error });
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('apiVersion' in value) || !('kind' in value) || !('metadata' in value)) return false;
  const { metadata } = value;
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata && typeof metadata.name === 'string';
}
