import { Command } from 'commander';
import { programVersion } from './version.ts';

/**
 * The command line. A command's module is loaded only when it is run, so that the gateway never loads the Kubernetes
 * client and `--help` loads nothing.
 */
interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'standalone',
    description: 'everything in one process, from a folder of manifests: the quick start',
    load: async () => (await import('./commands/standalone-command.ts')).standaloneCommand(),
  },
  {
    name: 'operator',
    description: 'reconcile CrispAccount, CrispMcpServer and CrispApiToken resources into routes in Redis',
    load: async () => (await import('./commands/operator-command.ts')).operatorCommand(),
  },
  {
    name: 'gateway',
    description: 'serve /mcp/<token> to MCP clients',
    load: async () => (await import('./commands/gateway-command.ts')).gatewayCommand(),
  },
  {
    name: 'sandbox',
    description: 'play the Crisp REST API: stateful, strict, seeded with believable data',
    load: async () => (await import('./commands/sandbox-command.ts')).sandboxCommand(),
  },
  {
    name: 'tools',
    description: 'list the tools that a filter gives, or explain one',
    load: async () => (await import('./commands/tools-command.ts')).toolsCommand(),
  },
  {
    name: 'connect',
    description: 'bridge stdio to the URL of an MCP server, for clients such as Claude Desktop',
    load: async () => (await import('./commands/connect-command.ts')).connectCommand(),
  },
  {
    name: 'cleanup',
    description: 'see resources out when no operator does, or all of them before it is uninstalled',
    load: async () => (await import('./commands/cleanup-command.ts')).cleanupCommand(),
  },
  {
    name: 'usage',
    description: 'when servers were last used and how often, and what is used of the quotas of Crisp',
    load: async () => (await import('./commands/usage-command.ts')).usageCommand(),
  },
  {
    name: 'probe',
    description: 'ask a gateway whether it serves, without a token',
    load: async () => (await import('./commands/probe-command.ts')).probeCommand(),
  },
  {
    name: 'keys',
    description: 'rotate the keyring without losing a URL: rotate, status, retire',
    load: async () => (await import('./commands/keys-command.ts')).keysCommand(),
  },
  {
    name: 'keyring',
    description: 'print a fresh key for the file "current" of the keyring',
    load: async () => (await import('./commands/keyring-command.ts')).keyringCommand(),
  },
];

export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('crisp-mcp')
    .description('Crisp as expiring, filtered MCP servers')
    .version(programVersion())
    .showHelpAfterError('(--help lists what there is)');
  const asked = COMMANDS.find(({ name }) => name === argv[0] || (argv[0] === 'help' && name === argv[1]));
  for (const { name, description, load } of COMMANDS) {
    const command = asked?.name === name ? await load() : new Command(name);
    program.addCommand(command.description(description));
  }
  await program.parseAsync([...argv], { from: 'user' });
}
