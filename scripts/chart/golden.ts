import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { yamlOf } from './deploy-manifests.ts';
import { type Manifest, type RenderOptions, renderChart } from './render.ts';

/**
 * What the chart renders for the value sets in `test/chart/values/`, kept so that a review shows what a change of a
 * template does to a cluster. Generated passwords and keys are blanked, the schemas of CRDs are left out (`crds/` has them).
 */
const VALUE_SETS = join(import.meta.dirname, '../../test/chart/values');
/** What a cluster with the Prometheus operator says of itself. */
const MONITORING = ['monitoring.coreos.com/v1'];

export interface ValueSet {
  readonly name: string;
  readonly options: RenderOptions;
}

export async function valueSets(): Promise<ValueSet[]> {
  const files = (await readdir(VALUE_SETS)).sort();
  return await Promise.all(
    files.map(async (file) => {
      const values: unknown = parse(await readFile(join(VALUE_SETS, file), 'utf8'));
      if (typeof values !== 'object' || values === null) throw new Error(`${file} holds no values`);
      return { name: file.replace(/\.yaml$/, ''), options: { values, apiVersions: MONITORING } };
    }),
  );
}

export async function goldenText(options: RenderOptions): Promise<string> {
  return yamlOf((await renderChart(options)).map(blank));
}

function blank(manifest: Manifest): Manifest {
  if (manifest.kind === 'CustomResourceDefinition') return { ...manifest, spec: 'left out here' };
  if (manifest.kind !== 'Secret') return manifest;
  return { ...manifest, ...blanked(manifest, 'data'), ...blanked(manifest, 'stringData') };
}

function blanked(manifest: Manifest, field: string): object {
  const data = manifest[field];
  if (typeof data !== 'object' || data === null) return {};
  return { [field]: Object.fromEntries(Object.keys(data).map((key) => [key, 'generated'])) };
}
