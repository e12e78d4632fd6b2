import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findChartTool } from '../../scripts/binaries/chart-tools.ts';
import { OVERLAYS, plainManifests, yamlOf } from '../../scripts/chart/deploy-manifests.ts';
import { valueSets } from '../../scripts/chart/golden.ts';
import { renderText } from '../../scripts/chart/render.ts';
import { PROJECT_ROOT, scratchFolder } from '../harness/run-folder.ts';

/**
 * kubeconform, strictly, against the oldest supported Kubernetes, a middle one and the newest. The schemas are
 * Kubernetes' own (the strict JSON Schemas made of its OpenAPI, as the package kubernetes-validate 1.37.0 carries them),
 * cut down to the kinds that the chart renders and without descriptions, so that nothing is downloaded. Kinds of the
 * Prometheus operator and of the Gateway API are not among them.
 */
const FIXTURES = join(PROJECT_ROOT, 'test/fixtures/kubernetes-schemas');
const FOREIGN = 'ServiceMonitor,PrometheusRule,HTTPRoute';
const VERSIONS = readdirSync(FIXTURES).map((file) => file.replace(/^v|\.json$/g, ''));
const SETS = await valueSets();

describe.each(VERSIONS)('Kubernetes %s', (version) => {
  const schemas = unpack(version);

  test.each(SETS)('takes what $name renders', async ({ options }) => {
    const text = await renderText({ ...options, kubeVersion: `v${version}` });
    const { invalid, errors, valid, words } = await judge(schemas, text);
    expect(words).toBe('');
    expect({ invalid, errors }).toEqual({ invalid: 0, errors: 0 });
    expect(valid).toBeGreaterThan(15);
  });

  test.each(OVERLAYS)('takes the overlay $name', async ({ values }) => {
    const { words } = await judge(schemas, yamlOf(await plainManifests(values)));
    expect(words).toBe('');
  });

  test('notices a field that does not exist, so the schemas are strict', async () => {
    const text = await renderText({
      values: { publicUrl: 'https://x.example', operator: { extraEnv: [{ nam: 'A' }] } },
    });
    expect((await judge(schemas, text)).words).toMatch(/Deployment crisp-mcp-operator.*'nam' not allowed/s);
  });
});

const result = z.object({
  resources: z.array(z.object({ kind: z.string(), name: z.string(), status: z.string(), msg: z.string() })),
  summary: z.object({ valid: z.number(), invalid: z.number(), errors: z.number(), skipped: z.number() }),
});

async function judge(schemas: string, manifests: string) {
  const kubeconform = await findChartTool('kubeconform');
  const argv = ['-strict', '-summary', '-output', 'json', '-skip', FOREIGN, '-schema-location', schemas];
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      kubeconform,
      argv,
      { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        // It ends with 1 when something is invalid; what matters then is on stdout.
        if (stdout === '') reject(error ?? new Error(stderr));
        else resolve(stdout);
      },
    );
    child.stdin?.end(manifests);
  });
  const { resources, summary } = result.parse(JSON.parse(output));
  return { ...summary, words: resources.map(({ kind, name, msg }) => `${kind} ${name}: ${msg}`).join('\n') };
}

const fixture = z.object({
  schemas: z.record(z.string(), z.looseObject({})),
  $defs: z.record(z.string(), z.unknown()),
});

/** One file a kind, as kubeconform looks for them; returns the pattern of their names. */
function unpack(version: string): string {
  const folder = join(scratchFolder(), `kubernetes-schemas-${version}`);
  mkdirSync(folder, { recursive: true });
  const { schemas, $defs } = fixture.parse(JSON.parse(readFileSync(join(FIXTURES, `v${version}.json`), 'utf8')));
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...schema, $defs }));
  }
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}
