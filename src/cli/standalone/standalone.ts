import { join } from 'node:path';
import { createCrispCaller } from '../../crisp/caller.ts';
import { createCredentialChecker } from '../../crisp/credential-checker.ts';
import type { AccessLogDestination } from '../../gateway/access-log.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { EmbeddedObjectApi } from '../../kubernetes/embedded/embedded-object-api.ts';
import { createOperator } from '../../operator/operator.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import { createMetrics } from '../../process/metrics.ts';
import type { Random } from '../../process/random.ts';
import { crispMcpServerType } from '../../resources/crisp-mcp-server.ts';
import { keyOf } from '../../resources/object.ts';
import { createMemoryRouteStore } from '../../routes/memory-route-store.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { closeAll } from '../lifetime.ts';
import { programVersion } from '../version.ts';
import type { ServerAnnouncement } from './announcements.ts';
import { type ApiTokenAnnouncement, ApiTokenFiles } from './api-token-files.ts';
import type { CrispSource } from './crisp-source.ts';
import { ManifestApplier } from './manifest-applier.ts';
import type { ManifestProblem, Variables } from './manifest-file.ts';
import { ManifestFolder } from './manifest-folder.ts';
import { ServerWatch } from './server-watch.ts';
import { ensureStarterFolder } from './starter-folder.ts';
import { StateFile } from './state-file.ts';

/**
 * The whole system in one process: the production reconcilers on an embedded resource API fed from a folder, an
 * in-memory route store, the gateway on loopback and, without credentials, the sandbox in Crisp's place. Nothing but the
 * folder, the state file and the listening ports is touched.
 */
export interface StandaloneOptions {
  readonly port: number;
  /** Holds `manifests/` unless `manifests` says otherwise, `state.json`, and `api-tokens/` when there are some. */
  readonly dataFolder: string;
  readonly manifests?: string;
  readonly examples: string;
  readonly crisp: CrispSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly accessLog: AccessLogDestination;
  readonly announce: (announcement: ServerAnnouncement) => void;
  readonly announceApiToken: (announcement: ApiTokenAnnouncement) => void;
  /** All problems of the folder as it is now; called when they change. */
  readonly problems: (problems: readonly ManifestProblem[]) => void;
}

export interface Standalone {
  readonly url: string;
  readonly folder: string;
  /** Every server of the folder has left `provisioning`; bounded by `milliseconds`. */
  settled(milliseconds: number): Promise<readonly ServerAnnouncement[]>;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const SETTLE_LOOK_MS = 5;

export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { clock, random, logger, crisp, dataFolder } = options;
  const folder = options.manifests ?? join(dataFolder, 'manifests');
  const closing: (() => Promise<unknown>)[] = [];
  const close = () => closeAll(closing.toReversed());
  try {
    if (options.manifests === undefined) {
      await ensureStarterFolder({ examples: options.examples, folder, now: clock.now() });
    }
    const sandbox = crisp.kind === 'sandbox' ? await startSandbox({ clock, random, logger }) : undefined;
    if (sandbox !== undefined) closing.push(() => sandbox.close());
    const variables = sandbox === undefined ? websiteVariables(crisp) : sandboxVariables(sandbox);
    const allowedOrigins = [variables.CRISP_API_URL];

    const api = new EmbeddedObjectApi({ clock, random });
    const stateFile = new StateFile(join(dataFolder, 'state.json'));
    const remembered = await stateFile.load();
    if (remembered.movedTo !== undefined) {
      logger.warn(`The remembered URLs could not be read; the file is kept as ${remembered.movedTo}, URLs are new`);
    }
    api.restore(remembered.objects);

    const metrics = createMetrics({ process: 'standalone', runtime: false });
    const store = createMemoryRouteStore({ clock });
    const caller = createCrispCaller({ allowedOrigins, logger, clock });
    closing.push(() => caller.close());
    const gateway = await createGateway({
      reader: store,
      caller,
      clock,
      logger,
      metrics,
      accessLog: options.accessLog,
      config: {
        host: LOOPBACK,
        port: options.port,
        version: programVersion(),
        publicHosts: [LOOPBACK, 'localhost'],
        drainTimeout: 5_000,
      },
    });
    const checker = createCredentialChecker({ allowedOrigins, clock });
    closing.push(() => checker.close());
    const revisionKeys = { current: random.bytes(32) };
    const operator = createOperator({
      api,
      store,
      checker,
      events: { record: ({ regarding, type, reason, note }) => logEvent(logger, keyOf(regarding), type, reason, note) },
      clock,
      random,
      logger,
      metrics,
      config: { publicUrl: gateway.url, allowedApiUrls: allowedOrigins, revisionKeys: () => revisionKeys },
    });
    const watch = new ServerWatch({ api, stateFile, clock, random, logger, announce: options.announce });
    closing.push(() => watch.stop());
    const apiTokens = new ApiTokenFiles({
      api,
      folder: join(dataFolder, 'api-tokens'),
      clock,
      random,
      logger,
      save: () => watch.save(),
      announce: options.announceApiToken,
    });
    closing.push(() => apiTokens.stop());
    const applier = new ManifestApplier({ api, clock, logger });
    closing.push(
      async () => applier.close(),
      () => operator.stop(),
      () => gateway.drain(),
    );
    await watch.start();
    await apiTokens.start();
    await operator.start();
    await operator.lead(0);
    const manifests = new ManifestFolder({
      path: folder,
      variables,
      clock,
      changed: async (content) => {
        options.problems([...content.problems, ...(await applier.apply(content.manifests))]);
      },
    });
    closing.push(() => manifests.close());
    await manifests.start();
    return { url: gateway.url, folder, settled: (within) => settled(within, { api, watch, clock }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface StandaloneVariables extends Variables {
  readonly CRISP_API_URL: string;
}

function websiteVariables(crisp: CrispSource): StandaloneVariables {
  if (crisp.kind === 'sandbox') throw new Error('the sandbox has credentials of its own');
  return {
    CRISP_API_URL: crisp.apiUrl,
    CRISP_WEBSITE_ID: crisp.websiteId,
    CRISP_TIER: crisp.tier,
    CRISP_IDENTIFIER: crisp.identifier,
    CRISP_KEY: crisp.key,
  };
}

/** The demo works with what a Crisp workspace hands out: a website token. */
function sandboxVariables(sandbox: Awaited<ReturnType<typeof startSandbox>>): StandaloneVariables {
  const { identifier, key } = sandbox.credentials.website;
  return {
    CRISP_API_URL: sandbox.url,
    CRISP_WEBSITE_ID: sandbox.websiteId,
    CRISP_TIER: 'website',
    CRISP_IDENTIFIER: identifier,
    CRISP_KEY: key,
  };
}

function logEvent(logger: Logger, key: string, type: 'Normal' | 'Warning', reason: string, note: string): void {
  logger[type === 'Warning' ? 'warn' : 'info'](note, { object: key, reason });
}

async function settled(
  within: number,
  { api, watch, clock }: { api: EmbeddedObjectApi; watch: ServerWatch; clock: Clock },
): Promise<readonly ServerAnnouncement[]> {
  const deadline = clock.monotonic() + within;
  const servers = api.snapshot([crispMcpServerType]).map(keyOf);
  const isSettled = () => {
    const told = new Map(watch.latest.map((server) => [`${server.namespace}/${server.name}`, server.state]));
    return servers.every((key) => (told.get(key) ?? 'provisioning') !== 'provisioning');
  };
  while (!isSettled() && clock.monotonic() < deadline) {
    await new Promise<void>((resolve) => {
      clock.setTimer(SETTLE_LOOK_MS, resolve);
    });
  }
  return watch.latest;
}
