import { createCommands } from './node/commands.ts';
import type { TestCluster } from './test-cluster.ts';

/**
 * A cluster that somebody else runs, by its kubeconfig. It is neither made nor ended here, and its images come from where
 * its nodes pull them: what the tests deploy must be in a registry that they reach.
 */
export function givenCluster(kubeconfig: string, kubectl: () => Promise<string>): TestCluster {
  const commands = createCommands([]);
  const answer = async (): Promise<string> =>
    commands.run(await kubectl(), ['--kubeconfig', kubeconfig, '--request-timeout=10s', 'get', '--raw', '/readyz']);
  const whyNot = async (): Promise<string | undefined> => {
    try {
      await answer();
      return undefined;
    } catch (error) {
      return `the cluster of ${kubeconfig} does not answer: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return {
    kind: 'kubeconfig',
    kubeconfig,
    whyNot,
    async up() {
      const reason = await whyNot();
      if (reason !== undefined) throw new Error(reason);
    },
    async loadImages(files) {
      throw new Error(
        `Images cannot be loaded into the cluster of ${kubeconfig} (${files.join(', ')}).\n` +
          'Remedy: push them to a registry that its nodes reach, and name them in CRISP_MCP_TEST_IMAGE and CRISP_MCP_TEST_REDIS_IMAGE.',
      );
    },
    async tagImage(name) {
      throw new Error(`${name} cannot be named anew in the cluster of ${kubeconfig}: its nodes pull their images.`);
    },
    async down() {},
    async isUp() {
      return (await whyNot()) === undefined;
    },
    logsFolder: undefined,
  };
}
