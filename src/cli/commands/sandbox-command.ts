import { Command, Option } from 'commander';
import { systemClock } from '../../process/clock.ts';
import { systemRandom } from '../../process/random.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { port } from '../arguments.ts';
import { processLifetime } from '../lifetime.ts';
import { listenError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';

/** `crisp-mcp sandbox`: the stand-in for the Crisp API on its own, for trying clients and manifests against. */
export function sandboxCommand(): Command {
  const command = new Command('sandbox')
    .addOption(new Option('--host <address>', 'address to listen on').env('SANDBOX_HOST').default('127.0.0.1'))
    .addOption(new Option('--port <port>', '0 picks a free one').env('SANDBOX_PORT').argParser(port).default(8090));
  addLogOption(command, 'warn');
  return command.action(async (options) => {
    const lifetime = processLifetime();
    const sandbox = await startSandbox({
      host: options.host,
      port: options.port,
      clock: systemClock,
      random: systemRandom,
      logger: loggerFor('sandbox', options),
    }).catch((error: unknown) => {
      throw listenError(error, 'The sandbox', options.host, options.port, '--port');
    });
    const tiers = Object.entries(sandbox.credentials).map(
      ([tier, { identifier, key }]) => `  ${tier.padEnd(8)} identifier ${identifier}  key ${key}`,
    );
    process.stdout.write(
      [`Crisp sandbox on ${sandbox.url}`, `website ${sandbox.websiteId}`, ...tiers, 'Ctrl-C stops it.', ''].join('\n'),
    );
    await lifetime.over;
    await sandbox.close();
  });
}
