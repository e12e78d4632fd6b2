import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Commands, createCommands } from './node/commands.ts';
import { CannotRunHere, type TestCluster } from './test-cluster.ts';

/**
 * A cluster that `kind` makes, where a container engine runs. `CRISP_MCP_TEST_KIND_IMAGE` chooses the version of Kubernetes
 * (a node image of kind's); without it, kind's own default.
 */
const NAME = 'crisp-mcp-test';
const CONFIG = fileURLToPath(new URL('kind.yaml', import.meta.url));

export interface KindClusterOptions {
  readonly state: string;
  readonly say: (line: string) => void;
  readonly environment?: NodeJS.ProcessEnv;
  readonly commands?: Commands;
}

export function kindCluster(options: KindClusterOptions): TestCluster {
  const { state, environment = process.env, commands = createCommands([]) } = options;
  const kubeconfig = join(state, 'kubeconfig');
  const kind = (...argv: string[]): Promise<string> => commands.run('kind', argv, { timeout: 600_000 });
  const exists = async (): Promise<boolean> => (await kind('get', 'clusters')).split('\n').includes(NAME);

  return {
    kind: 'kind',
    kubeconfig,
    whyNot: () => whyNoKind(commands),
    async up() {
      const reason = await whyNoKind(commands);
      if (reason !== undefined) throw new CannotRunHere(reason);
      await mkdir(state, { recursive: true, mode: 0o700 });
      // One that a killed run left may be in any state.
      if (await exists()) await kind('delete', 'cluster', '--name', NAME);
      const image = environment.CRISP_MCP_TEST_KIND_IMAGE;
      const chosen = image ? ['--image', image] : [];
      await kind(
        'create',
        'cluster',
        '--name',
        NAME,
        '--config',
        CONFIG,
        '--kubeconfig',
        kubeconfig,
        '--wait',
        '120s',
        ...chosen,
      );
      options.say('kind cluster Ready');
    },
    async loadImages(files) {
      for (const file of files) await kind('load', 'image-archive', file, '--name', NAME);
    },
    async tagImage(name, other) {
      const engine = await engineOf(commands);
      const ctr = ['ctr', '--namespace=k8s.io', 'images', 'tag', '--force', name, other];
      await commands.run(engine ?? 'docker', ['exec', `${NAME}-control-plane`, ...ctr]);
    },
    async down() {
      if ((await whyNoKind(commands)) === undefined && (await exists()))
        await kind('delete', 'cluster', '--name', NAME);
      await rm(state, { recursive: true, force: true });
    },
    async isUp() {
      return (await whyNoKind(commands)) === undefined && (await exists());
    },
    logsFolder: undefined,
  };
}

async function whyNoKind(commands: Commands): Promise<string | undefined> {
  try {
    await commands.run('kind', ['version']);
  } catch {
    return 'kind is not on the PATH (https://kind.sigs.k8s.io)';
  }
  if ((await engineOf(commands)) !== undefined) return undefined;
  return 'no container engine answers (docker, podman or nerdctl)';
}

async function engineOf(commands: Commands): Promise<string | undefined> {
  for (const engine of ['docker', 'podman', 'nerdctl']) {
    const answers = await commands.run(engine, ['info'], { timeout: 20_000 }).then(
      () => true,
      () => false,
    );
    if (answers) return engine;
  }
  return undefined;
}
