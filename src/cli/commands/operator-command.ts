import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { createCredentialChecker } from '../../crisp/credential-checker.ts';
import { createKubernetesObjectApi } from '../../kubernetes/kubernetes-object-api.ts';
import { LeaderElector } from '../../kubernetes/leader-elector.ts';
import { createOperator } from '../../operator/operator.ts';
import { startAdminServer } from '../../process/admin-server.ts';
import { systemClock } from '../../process/clock.ts';
import type { Fields } from '../../process/logger.ts';
import { createMetrics } from '../../process/metrics.ts';
import { systemRandom } from '../../process/random.ts';
import { DEFAULT_CRISP_API_URL, LEASE_NAME } from '../../resources/names.ts';
import { loadKeyring } from '../../routes/keyring-file.ts';
import { createRedisLastUseBook } from '../../routes/ledger/last-use-book.ts';
import { createRedisRouteWriter } from '../../routes/redis-route-writer.ts';
import { baseUrl, list, origins, seconds } from '../arguments.ts';
import { closeAll, processLifetime } from '../lifetime.ts';
import { listenError } from '../user-error.ts';
import { addProcessOptions, loggerFor } from './process-options.ts';
import { addStoreOptions, redisSettings } from './store-options.ts';

/** Requests to the API server. Its own fairness protects it; this bounds what a defect of ours could do. */
const API_RATE = { perSecond: 200, burst: 400 };

/** `crisp-mcp operator`: one of several replicas; one leads, the others keep warm. Exits when leadership is lost. */
export function operatorCommand(): Command {
  const command = new Command('operator')
    .addOption(
      new Option('--public-url <url>', 'where clients reach the gateway, such as https://mcp.example.com')
        .env('PUBLIC_URL')
        .argParser(baseUrl)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--kubeconfig <path>', 'default: as kubectl finds it, then the service account of the Pod').env(
        'KUBECONFIG',
      ),
    )
    .addOption(
      new Option('--namespaces <names>', 'the only namespaces to watch (default: all)')
        .env('WATCH_NAMESPACES')
        .argParser(list),
    )
    .addOption(
      new Option('--allowed-api-urls <origins>', 'origins of the Crisp API that accounts may name')
        .env('ALLOWED_API_URLS')
        .argParser(origins)
        .default([DEFAULT_CRISP_API_URL]),
    )
    .addOption(
      new Option('--lease-namespace <name>', 'namespace of the Lease (default: that of the Pod)').env(
        'LEASE_NAMESPACE',
      ),
    )
    .addOption(new Option('--lease-name <name>', 'name of the Lease').env('LEASE_NAME').default(LEASE_NAME))
    .addOption(
      new Option('--lease-duration <seconds>', 'how long a silent leader is waited for')
        .env('LEASE_DURATION')
        .argParser(seconds)
        .default(15),
    )
    .addOption(
      new Option('--instance <name>', 'name of this replica (default: the host name)')
        .env('POD_NAME')
        .default(hostname()),
    );
  addStoreOptions(command);
  addProcessOptions(command);
  return command.action(async (options) => {
    const lifetime = processLifetime();
    const clock = systemClock;
    const random = systemRandom;
    const logger = loggerFor('operator', options);
    const metrics = createMetrics({ process: 'operator' });
    const keyring = loadKeyring(options.keyring, { clock, logger });
    const api = createKubernetesObjectApi({ kubeconfig: options.kubeconfig, clock, logger, rate: API_RATE });
    const store = createRedisRouteWriter({ redis: redisSettings(options), keyring, clock, logger });
    const lastUses = createRedisLastUseBook({ redis: redisSettings(options), clock, random, logger });
    const checker = createCredentialChecker({ allowedOrigins: options.allowedApiUrls, clock });
    const identity = `${options.instance}_${random.bytes(8).toString('hex')}`;
    const leaseMs = options.leaseDuration * 1_000;
    const elector = new LeaderElector({
      api,
      namespace: options.leaseNamespace ?? api.namespace ?? 'default',
      leaseName: options.leaseName,
      identity,
      clock,
      random,
      logger,
      leaseDurationMs: leaseMs,
      renewDeadlineMs: (leaseMs * 2) / 3,
      retryPeriodMs: (leaseMs * 2) / 15,
      onStarted: (leaseTransitions) => {
        logger.info('leads', { identity, leaseTransitions });
        operator.lead(leaseTransitions).catch((error: unknown) => stopLeading('leading failed', { error }));
      },
      onLost: (reason) => stopLeading('leadership is lost', { reason }),
      onNewLeader: (leader) => {
        if (leader !== identity) logger.info(leader === '' ? 'nobody leads' : 'another replica leads', { leader });
      },
    });
    const operator = createOperator({
      api,
      store,
      lastUses,
      checker,
      clock,
      random,
      logger,
      metrics,
      config: {
        publicUrl: options.publicUrl,
        namespaces: options.namespaces,
        allowedApiUrls: options.allowedApiUrls,
        revisionKeys: () => ({ current: keyring.current.revision, previous: keyring.previous?.revision }),
        instance: options.instance,
      },
      isLeader: () => elector.isLeader(),
      onFenced: () => stopLeading('another leader has written to the route store'),
    });
    // Whatever is stored under the other key is written anew with the current one, so that the other can be retired.
    keyring.onChange(() => void operator.resync());
    // At once and not in order: what is still in flight belongs to the next leader now.
    const stopLeading = (why: string, fields: Fields = {}) => {
      logger.error(`${why}; the process ends`, fields);
      operator.halt();
      process.exit(1);
    };
    const admin = await startAdminServer({
      host: options.adminHost,
      port: options.adminPort,
      metrics,
      notReady: () => operator.notReady(),
    }).catch((error: unknown) => {
      throw listenError(error, 'The operational port', options.adminHost, options.adminPort, '--admin-port');
    });
    logger.info('operator watches', { identity, adminPort: admin.port });
    // The caches fill before the election, so that whoever wins acts on a complete picture.
    void operator.start().then(() => {
      if (!lifetime.signal.aborted) elector.start();
    });
    await lifetime.over;
    logger.info('operator stops');
    await closeAll([
      () => operator.stop(),
      () => elector.stop(),
      () => admin.close(),
      () => store.close(),
      async () => lastUses.close(),
      () => checker.close(),
      () => api.close(),
    ]);
    keyring.close();
    logger.info('operator stopped');
  });
}
