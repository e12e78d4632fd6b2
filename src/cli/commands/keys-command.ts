import { Command, Option } from 'commander';
import { KubeConfigError } from '../../kubernetes/kube-config.ts';
import { createKubernetesObjectApi } from '../../kubernetes/kubernetes-object-api.ts';
import { ApiError } from '../../kubernetes/object-api.ts';
import { systemClock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { systemRandom } from '../../process/random.ts';
import { KeyringError, StoreUnavailableError } from '../../routes/errors.ts';
import { createRedisKeyCensus, type KeyCensus } from '../../routes/redis-key-census.ts';
import { seconds } from '../arguments.ts';
import { type KeyringPlace, keyringInFiles, keyringInSecret } from '../keys/keyring-place.ts';
import { describeKeys, retirePreviousKey, rotateKeys } from '../keys/rotation.ts';
import { UserError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';
import { addRedisOptions, redisSettings } from './store-options.ts';

/** `crisp-mcp keys`: the keyring under traffic, kept in files or in the Secret that Pods have mounted. */
export function keysCommand(): Command {
  const command = new Command('keys');
  command.addCommand(
    commandOnKeyring('rotate', 'put a new key into use, and keep the one before until everything is written anew')
      .addOption(
        new Option(
          '--settle <seconds>',
          'how long the slowest process may take to read a changed keyring; a Pod two minutes',
        )
          .argParser(seconds)
          .default(180),
      )
      .addOption(
        new Option('--timeout <seconds>', 'how long the operator may take to write the records anew')
          .argParser(seconds)
          .default(900),
      )
      .action((options) =>
        onKeyring(options, (tools) =>
          rotateKeys({
            ...tools,
            clock: systemClock,
            random: systemRandom,
            settleMs: options.settle * 1_000,
            timeoutMs: options.timeout * 1_000,
          }),
        ),
      ),
  );
  command.addCommand(
    commandOnKeyring('status', 'count the records in Redis under each key').action((options) =>
      onKeyring(options, describeKeys),
    ),
  );
  command.addCommand(
    commandOnKeyring('retire', 'drop the previous key, once nothing is under it').action((options) =>
      onKeyring(options, retirePreviousKey),
    ),
  );
  return command;
}

interface KeyringOptions {
  keyring?: string;
  secret?: string;
  namespace?: string;
  kubeconfig?: string;
  redisUrl: string;
  redisTlsCa?: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

function commandOnKeyring(name: string, description: string): Command {
  const command = new Command(name)
    .description(description)
    .addOption(new Option('--keyring <path>', 'a keyring in files').env('KEYRING'))
    .addOption(new Option('--secret <name>', 'the Secret that holds it in a cluster'))
    .addOption(new Option('--namespace <name>', "its namespace (default: that of the kubeconfig's context or the Pod)"))
    .addOption(
      new Option('--kubeconfig <path>', 'default: as kubectl finds it, then the service account of the Pod').env(
        'KUBECONFIG',
      ),
    );
  addRedisOptions(command, { mandatory: true });
  return addLogOption(command, 'error');
}

interface Tools {
  readonly place: KeyringPlace;
  readonly census: KeyCensus;
  readonly say: (line: string) => void;
}

async function onKeyring(options: KeyringOptions, act: (tools: Tools) => Promise<void>): Promise<void> {
  const logger = loggerFor('keys', options);
  const { place, close } = findPlace(options, logger);
  const census = createRedisKeyCensus({ redis: redisSettings(options), clock: systemClock, logger });
  try {
    await act({ place, census, say: (line) => void process.stdout.write(`${line}\n`) });
  } catch (error) {
    throw userErrorOf(error);
  } finally {
    census.close();
    await close();
  }
}

function findPlace(options: KeyringOptions, logger: Logger): { place: KeyringPlace; close: () => Promise<void> } {
  if (options.secret === undefined) {
    if (options.keyring === undefined) {
      throw new UserError('KEYRING_NOT_NAMED', 'Say which keyring: --secret NAME in a cluster, or --keyring PATH.');
    }
    return { place: keyringInFiles(options.keyring), close: async () => undefined };
  }
  try {
    const api = createKubernetesObjectApi({ kubeconfig: options.kubeconfig, clock: systemClock, logger });
    const namespace = options.namespace ?? api.namespace ?? 'default';
    return { place: keyringInSecret(api, { namespace, name: options.secret }), close: () => api.close() };
  } catch (error) {
    throw userErrorOf(error);
  }
}

function userErrorOf(error: unknown): unknown {
  const known = [KeyringError, KubeConfigError, StoreUnavailableError, ApiError].some((kind) => error instanceof kind);
  if (!known || !(error instanceof Error) || !('code' in error)) return error;
  return new UserError(String(error.code), error.message, { cause: error });
}
