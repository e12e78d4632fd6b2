import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kindCluster } from './kind-cluster.ts';
import type { Commands } from './node/commands.ts';
import { CannotRunHere, type TestCluster } from './test-cluster.ts';

/** What is run, with a machine that has these programs and on which these kind clusters are. */
let folder: string;
let ran: string[];
let clusters: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kind-'));
  ran = [];
  clusters = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function clusterOn(programs: readonly string[], environment: NodeJS.ProcessEnv = {}): TestCluster {
  const commands: Commands = {
    environment: {},
    start: () => 0,
    async run(program, argv) {
      if (!programs.includes(program)) throw new Error(`${program}: not found`);
      const line = [program, ...argv].join(' ');
      if (line === 'kind get clusters') return `${clusters.join('\n')}\n`;
      if (line.startsWith('kind create cluster')) clusters.push('crisp-mcp-test');
      if (line.startsWith('kind delete cluster')) clusters.length = 0;
      ran.push(line);
      return '';
    },
  };
  return kindCluster({ state: join(folder, 'state'), say: () => {}, commands, environment });
}

const changes = (): string[] => ran.filter((line) => !/ (info|version)$/.test(line));

describe('a machine cannot have it', () => {
  test.each([
    ['kind', ['docker'], /kind is not on the PATH/],
    ['a container engine', ['kind'], /no container engine answers/],
  ])('without %s', async (_what, programs, reason) => {
    const cluster = clusterOn(programs);
    expect(await cluster.whyNot()).toMatch(reason);
    await expect(cluster.up()).rejects.toThrow(CannotRunHere);
    await cluster.down();
    expect(changes()).toEqual([]);
  });
});

test('up makes it anew, by the config file and with a kubeconfig of its own', async () => {
  clusters = ['crisp-mcp-test'];
  await clusterOn(['kind', 'docker']).up();
  const [former, created = ''] = changes();
  expect(former).toBe('kind delete cluster --name crisp-mcp-test');
  expect(created).toMatch(
    /^kind create cluster --name crisp-mcp-test --config \S+kind\.yaml --kubeconfig \S+kubeconfig/,
  );
});

test('the version of Kubernetes can be chosen', async () => {
  await clusterOn(['kind', 'podman'], { CRISP_MCP_TEST_KIND_IMAGE: 'kindest/node:v1.31.0' }).up();
  expect(changes().at(-1)).toContain('--image kindest/node:v1.31.0');
});

test('images are loaded, and named anew by the engine that runs the node', async () => {
  const cluster = clusterOn(['kind', 'podman']);
  await cluster.loadImages(['/a.tar']);
  await cluster.tagImage('docker.io/library/x:1', 'docker.io/library/x:2');
  expect(changes()).toEqual([
    'kind load image-archive /a.tar --name crisp-mcp-test',
    'podman exec crisp-mcp-test-control-plane ctr --namespace=k8s.io images tag --force docker.io/library/x:1 docker.io/library/x:2',
  ]);
});

test('down leaves nothing', async () => {
  const cluster = clusterOn(['kind', 'docker']);
  await cluster.up();
  expect(await cluster.isUp()).toBe(true);
  await cluster.down();
  expect(await cluster.isUp()).toBe(false);
  expect(existsSync(join(folder, 'state'))).toBe(false);
});
