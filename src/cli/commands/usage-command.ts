import { Command, Option } from 'commander';
import { boundedCall, CallTimeoutError } from '../../kubernetes/bounded-call.ts';
import { KubeConfigError } from '../../kubernetes/kube-config.ts';
import { createKubernetesObjectApi, type KubernetesObjectApi } from '../../kubernetes/kubernetes-object-api.ts';
import { ApiError } from '../../kubernetes/object-api.ts';
import { systemClock } from '../../process/clock.ts';
import { StoreUnavailableError } from '../../routes/errors.ts';
import { CALL_DAYS } from '../../routes/ledger/usage-books.ts';
import { createRedisUsageReader, type UsageReader } from '../../routes/ledger/usage-reader.ts';
import { RedisUrlError } from '../../routes/redis/redis-target.ts';
import { seconds, wholeNumber } from '../arguments.ts';
import { print } from '../print.ts';
import { reportCrispRequests } from '../usage/crisp-requests.ts';
import { daysUntil, reportServers } from '../usage/server-usage.ts';
import { crispRequestsText, serversText } from '../usage/usage-text.ts';
import { UserError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';
import { addRedisOptions, redisSettings } from './store-options.ts';

/**
 * `crisp-mcp usage`: when servers were last used and how often, and what Crisp has been asked today. Reads the Kubernetes
 * API and Redis, writes nothing, and shows no token and no credential.
 */
interface UsageOptions {
  namespace?: string;
  allNamespaces: boolean;
  days: number;
  quota: boolean;
  output: 'text' | 'json';
  timeout: number;
  kubeconfig?: string;
  redisUrl: string;
  redisTlsCa?: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export function usageCommand(): Command {
  const command = new Command('usage')
    .argument('[name]', 'one CrispMcpServer (default: all of the namespace)')
    .addOption(
      new Option('--namespace <name>', "default: that of the kubeconfig's context or the Pod").conflicts(
        'allNamespaces',
      ),
    )
    .addOption(new Option('--all-namespaces', 'the servers of every namespace').default(false))
    .addOption(
      new Option('--days <number>', `days over which calls are added up, today (UTC) among them; at most ${CALL_DAYS}`)
        .argParser((text) => wholeNumber(text, 1, CALL_DAYS))
        .default(7),
    )
    .addOption(
      new Option(
        '--quota',
        "also the requests to Crisp today (UTC) of each account's credentials, which are found by reading the Secrets that the accounts name",
      ).default(false),
    )
    .addOption(
      new Option('--output <form>', 'for people, or one JSON object').choices(['text', 'json']).default('text'),
    )
    .addOption(new Option('--timeout <seconds>', 'when to give up').argParser(seconds).default(120))
    .addOption(
      new Option('--kubeconfig <path>', 'default: as kubectl finds it, then the service account of the Pod').env(
        'KUBECONFIG',
      ),
    );
  addRedisOptions(command, { mandatory: true });
  addLogOption(command, 'error');
  command.addHelpText(
    'after',
    `
Gateways report every two seconds. Last uses are known for 400 days, calls for ${CALL_DAYS}. Needs "get" and "list" on crispmcpservers
(the role crisp-viewer) and reads Redis; --quota needs "list" on crispaccounts and "get" on the Secrets they name.`,
  );
  return command.action(async (name: string | undefined, options: UsageOptions) => {
    if (name !== undefined && options.allNamespaces) {
      throw new UserError('USAGE_SCOPE', 'A name stands for one server of one namespace: leave out --all-namespaces.');
    }
    const closing: (() => unknown)[] = [];
    try {
      const logger = loggerFor('usage', options);
      const api = createKubernetesObjectApi({ kubeconfig: options.kubeconfig, clock: systemClock, logger });
      closing.push(() => api.close());
      const reader = createRedisUsageReader({ redis: redisSettings(options), clock: systemClock, logger });
      closing.push(() => reader.close());
      await boundedCall(systemClock, options.timeout * 1_000, () => show({ api, reader, name, options }));
    } catch (error) {
      throw userErrorOf(error, options.timeout);
    } finally {
      // What a timeout left under way fails and ends.
      for (const close of closing) await close();
    }
  });
}

async function show(asked: {
  api: KubernetesObjectApi;
  reader: UsageReader;
  name: string | undefined;
  options: UsageOptions;
}): Promise<void> {
  const { api, reader, name, options } = asked;
  const now = systemClock.now();
  const namespace = options.allNamespaces ? undefined : (options.namespace ?? api.namespace ?? 'default');
  const days = daysUntil(now, options.days);
  const servers = await reportServers({ api, reader, scope: { namespace, name }, days });
  const accounts = name === undefined ? {} : { accounts: new Set(servers.map(({ account }) => account)) };
  const crisp = options.quota ? await reportCrispRequests({ api, reader, now, namespace, ...accounts }) : undefined;
  if (options.output === 'json') {
    const report = { time: new Date(now).toISOString(), days, servers };
    print(JSON.stringify(crisp === undefined ? report : { ...report, crispRequests: crisp.credentials }, null, 2));
  } else {
    print(servers.length === 0 ? nothingIn(namespace) : serversText(servers, days.length));
    if (crisp !== undefined) print(`\n${crispRequestsText(crisp)}`);
  }
  if (crisp !== undefined && crisp.unreadable > 0) {
    const secrets = crisp.unreadable === 1 ? '1 Secret' : `${crisp.unreadable} Secrets`;
    console.error(`crisp-mcp: ${secrets} of accounts may not be read, so whose some credentials are is not known.`);
  }
}

function nothingIn(namespace: string | undefined): string {
  return namespace === undefined
    ? 'There is no CrispMcpServer.'
    : `There is no CrispMcpServer in namespace "${namespace}".`;
}

function userErrorOf(error: unknown, timeout: number): unknown {
  if (error instanceof CallTimeoutError) {
    return new UserError('USAGE_TIMEOUT', `Not everything could be read within ${timeout} s: see --timeout.`);
  }
  if (error instanceof StoreUnavailableError) {
    return new UserError(error.code, `${error.message} See --redis-url.`, { cause: error });
  }
  if (error instanceof ApiError) {
    return new UserError(error.code, `The Kubernetes API refused or did not answer: ${error.message}`, {
      cause: error,
    });
  }
  if (error instanceof KubeConfigError || error instanceof RedisUrlError) {
    return new UserError(error.code, error.message, { cause: error });
  }
  return error;
}
