import { Command, Option } from 'commander';
import { createCrispCaller } from '../../crisp/caller.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { startAdminServer } from '../../process/admin-server.ts';
import { systemClock } from '../../process/clock.ts';
import { createMetrics } from '../../process/metrics.ts';
import { systemRandom } from '../../process/random.ts';
import { DEFAULT_CRISP_API_URL } from '../../resources/names.ts';
import { loadKeyring } from '../../routes/keyring-file.ts';
import { createRedisLedgerStore } from '../../routes/ledger/redis-ledger-store.ts';
import { createRedisRouteReader } from '../../routes/redis-route-reader.ts';
import { list, origins, port, seconds, yesOrNo } from '../arguments.ts';
import { closeAll, processLifetime } from '../lifetime.ts';
import { listenError } from '../user-error.ts';
import { programVersion } from '../version.ts';
import { addAccessLogOptions, auditPlan, createAuditSink } from './audit-options.ts';
import { addProcessOptions, loggerFor } from './process-options.ts';
import { addStoreOptions, redisSettings } from './store-options.ts';
import { createTracing } from './tracing-options.ts';

/** `crisp-mcp gateway`: the data plane. It needs Redis and the keyring, and knows nothing of Kubernetes. */
export function gatewayCommand(): Command {
  const command = new Command('gateway')
    .addHelpText('after', '\nTraces: the standard variables of OpenTelemetry, such as OTEL_EXPORTER_OTLP_ENDPOINT.')
    .addOption(new Option('--host <address>', 'address to listen on').env('GATEWAY_HOST').default('0.0.0.0'))
    .addOption(new Option('--port <port>', 'port to listen on').env('GATEWAY_PORT').argParser(port).default(8080))
    .addOption(
      new Option('--public-hosts <hosts>', 'names by which clients reach it; any other Host is refused (default: any)')
        .env('GATEWAY_PUBLIC_HOSTS')
        .argParser(list),
    )
    .addOption(
      new Option('--allowed-origins <origins>', 'web origins whose browsers may call it (default: none)')
        .env('GATEWAY_ALLOWED_ORIGINS')
        .argParser(list),
    )
    .addOption(
      new Option('--allowed-api-urls <origins>', 'origins of the Crisp API that may be called')
        .env('ALLOWED_API_URLS')
        .argParser(origins)
        .default([DEFAULT_CRISP_API_URL]),
    )
    .addOption(
      new Option(
        '--legacy-sse [yes]',
        'serve HTTP+SSE, the transport of 2024, too: on the same URL and on /sse. Its sessions live in one process: run one replica, or keep each client on one',
      )
        .env('GATEWAY_LEGACY_SSE')
        .argParser(yesOrNo)
        .preset('yes')
        .default(false),
    )
    .addOption(
      new Option('--stale-for <seconds>', 'how long routes are served without word from Redis')
        .env('GATEWAY_STALE_FOR')
        .argParser(seconds)
        .default(5),
    )
    .addOption(
      new Option('--drain-delay <seconds>', 'after SIGTERM: how long new connections are still taken')
        .env('GATEWAY_DRAIN_DELAY')
        .argParser(seconds)
        .default(5),
    )
    .addOption(
      new Option('--drain-timeout <seconds>', 'after SIGTERM: how long running calls may take')
        .env('GATEWAY_DRAIN_TIMEOUT')
        .argParser(seconds)
        .default(25),
    );
  addAccessLogOptions(command);
  addStoreOptions(command);
  addProcessOptions(command);
  return command.action(async (options) => {
    const audit = auditPlan(options);
    // Audit records on stdout that nobody reads any more are lost and counted; the gateway serves on.
    const lifetime = processLifetime({ needsStdout: false });
    const logger = loggerFor('gateway', options);
    const clock = systemClock;
    const metrics = createMetrics({ process: 'gateway' });
    const keyring = loadKeyring(options.keyring, { clock, logger });
    const reader = createRedisRouteReader({ redis: redisSettings(options), keyring, clock, logger, metrics });
    const caller = createCrispCaller({ allowedOrigins: options.allowedApiUrls, logger, clock });
    const tracing = await createTracing(process.env, { version: programVersion(), clock, logger });
    const sink = await createAuditSink(audit, { clock, random: systemRandom, logger, redis: redisSettings(options) });
    const ledger = createRedisLedgerStore({ redis: redisSettings(options), clock, random: systemRandom, logger });
    const gateway = await createGateway({
      reader,
      caller,
      clock,
      logger,
      metrics,
      ledger,
      ...(sink && { audit: sink }),
      ...(tracing && { tracing }),
      config: {
        host: options.host,
        port: options.port,
        version: programVersion(),
        staleFor: options.staleFor * 1_000,
        drainDelay: options.drainDelay * 1_000,
        drainTimeout: options.drainTimeout * 1_000,
        legacySse: options.legacySse,
        accessLogSample: options.accessLogSample,
        auditRequired: audit.required,
        auditArguments: audit.withArguments,
        ...(options.publicHosts && { publicHosts: options.publicHosts }),
        ...(options.allowedOrigins && { allowedOrigins: options.allowedOrigins }),
      },
    }).catch((error: unknown) => {
      throw listenError(error, 'The gateway', options.host, options.port, '--port');
    });
    const admin = await startAdminServer({
      host: options.adminHost,
      port: options.adminPort,
      metrics,
      notReady: () => gateway.notReady(),
    }).catch((error: unknown) => {
      throw listenError(error, 'The operational port', options.adminHost, options.adminPort, '--admin-port');
    });
    logger.info('gateway listens', { url: gateway.url, adminPort: admin.port });
    await lifetime.over;
    logger.info('gateway drains');
    await closeAll([() => gateway.drain(), () => caller.close(), () => reader.close(), () => admin.close()]);
    keyring.close();
    logger.info('gateway stopped');
  });
}
