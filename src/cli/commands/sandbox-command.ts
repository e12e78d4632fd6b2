import { Command, Option } from 'commander';
import { systemClock } from '../../process/clock.ts';
import { systemRandom } from '../../process/random.ts';
import type { SandboxCredentials } from '../../sandbox/access.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { port } from '../arguments.ts';
import { processLifetime } from '../lifetime.ts';
import { listenError, UserError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';

/** `crisp-mcp sandbox`: the stand-in for the Crisp API on its own, for trying clients and manifests against. */
export function sandboxCommand(): Command {
  const command = new Command('sandbox')
    .addOption(new Option('--host <address>', 'address to listen on').env('SANDBOX_HOST').default('127.0.0.1'))
    .addOption(new Option('--port <port>', '0 picks a free one').env('SANDBOX_PORT').argParser(port).default(8090))
    .addOption(
      new Option(
        '--identifier <text>',
        'with --key: the one credential of every tier (default: fresh ones, printed)',
      ).env('SANDBOX_IDENTIFIER'),
    )
    .addOption(new Option('--key <text>', 'its key; better in the environment').env('SANDBOX_KEY'));
  addLogOption(command, 'warn');
  return command.action(async (options) => {
    const lifetime = processLifetime();
    const credentials = givenCredentials(options);
    const sandbox = await startSandbox({
      host: options.host,
      port: options.port,
      clock: systemClock,
      random: systemRandom,
      logger: loggerFor('sandbox', options),
      ...(credentials && { credentials }),
    }).catch((error: unknown) => {
      throw listenError(error, 'The sandbox', options.host, options.port, '--port');
    });
    // Whoever gave the credentials knows them; logs must not.
    const tiers =
      credentials === undefined
        ? Object.entries(sandbox.credentials).map(
            ([tier, { identifier, key }]) => `  ${tier.padEnd(8)} identifier ${identifier}  key ${key}`,
          )
        : ['  credentials as given'];
    process.stdout.write(
      [`Crisp sandbox on ${sandbox.url}`, `website ${sandbox.websiteId}`, ...tiers, 'Ctrl-C stops it.', ''].join('\n'),
    );
    await lifetime.over;
    await sandbox.close();
  });
}

function givenCredentials({ identifier, key }: { identifier?: string; key?: string }): SandboxCredentials | undefined {
  if (!identifier && !key) return undefined;
  if (!identifier || !key) {
    throw new UserError('SANDBOX_CREDENTIAL', 'Give --identifier and --key together, or neither.');
  }
  const credential = { identifier, key };
  return { website: credential, plugin: credential, user: credential };
}
