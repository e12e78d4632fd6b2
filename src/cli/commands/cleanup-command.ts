import { Command, Option } from 'commander';
import { KubeConfigError } from '../../kubernetes/kube-config.ts';
import { createKubernetesObjectApi } from '../../kubernetes/kubernetes-object-api.ts';
import { ApiError } from '../../kubernetes/object-api.ts';
import { type CleanupOptions, cleanUp } from '../../operator/cleanup/cleanup.ts';
import { CleanupForbiddenError, CleanupNeedsStoreError, CleanupTimeoutError } from '../../operator/cleanup/errors.ts';
import { systemClock } from '../../process/clock.ts';
import { StoreUnavailableError } from '../../routes/errors.ts';
import { createRedisStoreCleaner } from '../../routes/redis-store-cleaner.ts';
import { list, seconds } from '../arguments.ts';
import { UserError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';
import { addRedisOptions, redisSettings } from './store-options.ts';

/** `crisp-mcp cleanup`: the way out when resources hang in deletion, and before the operator is uninstalled. */
export function cleanupCommand(): Command {
  const command = new Command('cleanup')
    .addOption(new Option('--namespaces <names>', 'where to clean up').argParser(list).conflicts('allNamespaces'))
    .addOption(new Option('--all-namespaces', 'everywhere').default(false))
    .addOption(
      new Option(
        '--delete',
        'delete all CrispMcpServers, CrispApiTokens and CrispAccounts there first; without it only those already being deleted are brought to an end',
      ).default(false),
    )
    .addOption(new Option('--dry-run', 'print what would be done').default(false))
    .addOption(
      new Option('--purge-store', 'with --all-namespaces --delete: leave nothing of the installation in Redis').default(
        false,
      ),
    )
    .addOption(
      new Option(
        '--abandon-routes',
        'let resources go although Redis does not answer; their URLs may be served until it is emptied or rebuilt',
      ).default(false),
    )
    .addOption(
      new Option('--patience <seconds>', 'how long a running operator may do nothing before it counts as absent')
        .argParser(seconds)
        .default(15),
    )
    .addOption(new Option('--timeout <seconds>', 'when to give up').argParser(seconds).default(300))
    .addOption(
      new Option('--kubeconfig <path>', 'default: as kubectl finds it, then the service account of the Pod').env(
        'KUBECONFIG',
      ),
    );
  addRedisOptions(command, { mandatory: false });
  addLogOption(command, 'error');
  return command.action(async (options) => {
    if (options.namespaces === undefined && !options.allNamespaces) {
      throw new UserError('CLEANUP_SCOPE', 'Say where: --namespaces NAME,… or --all-namespaces.');
    }
    if (options.purgeStore && !(options.allNamespaces && options.delete)) {
      throw new UserError(
        'CLEANUP_SCOPE',
        '--purge-store would end the URLs of resources that remain; it goes with --all-namespaces --delete only.',
      );
    }
    const logger = loggerFor('cleanup', options);
    const clock = systemClock;
    const api = asUserError(() => createKubernetesObjectApi({ kubeconfig: options.kubeconfig, clock, logger }));
    const store =
      // An environment variable that is set to nothing names nothing.
      (options.redisUrl ?? '') === ''
        ? undefined
        : createRedisStoreCleaner({ redis: redisSettings(options), clock, logger });
    const asked: CleanupOptions = {
      api,
      store,
      clock,
      namespaces: options.namespaces,
      delete: options.delete,
      dryRun: options.dryRun,
      purgeStore: options.purgeStore,
      abandonRoutes: options.abandonRoutes,
      patienceMs: options.patience * 1_000,
      timeoutMs: options.timeout * 1_000,
      say: (line) => void process.stdout.write(`${line}\n`),
    };
    try {
      await cleanUp(asked);
    } catch (error) {
      throw userErrorOf(error);
    } finally {
      store?.close();
      await api.close();
    }
  });
}

function asUserError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof KubeConfigError ? new UserError(error.code, error.message) : error;
  }
}

function userErrorOf(error: unknown): unknown {
  if (
    error instanceof CleanupForbiddenError ||
    error instanceof CleanupNeedsStoreError ||
    error instanceof CleanupTimeoutError
  ) {
    return new UserError(error.code, error.message, { cause: error });
  }
  if (error instanceof StoreUnavailableError) {
    return new UserError(error.code, `${error.message} See --redis-url.`, { cause: error });
  }
  if (error instanceof ApiError) {
    return new UserError(
      error.code,
      `The Kubernetes API refused or did not answer: ${error.message} Mend that and run it again; what is done stays done.`,
      { cause: error },
    );
  }
  return error;
}
