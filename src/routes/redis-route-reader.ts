import { Counter } from 'prom-client';
import type { Clock, Timer } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Metrics } from '../process/metrics.ts';
import { type Random, systemRandom } from '../process/random.ts';
import { TamperedRecordError } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { InvalidationChannel } from './redis/invalidation-channel.ts';
import { RedisLink, type Session } from './redis/redis-link.ts';
import { parseRedisTarget, type RedisSettings } from './redis/redis-target.ts';
import { StoreClock } from './redis/store-clock.ts';
import { isVerifiedIn, readInstance } from './redis/verification.ts';
import { openAccount, openApiToken, openRoute } from './sealed-record.ts';
import type { AccountLookup, ApiTokenLookup, InvalidationListener, RouteLookup, RouteReader } from './store.ts';
import { accountKey, apiTokenKey, routeKey, SYNCED_KEY } from './store-keys.ts';
import type { TokenHash } from './token.ts';

/**
 * The gateway's side of the store in Redis: one connection to read on, one on which changes are heard. It answers only
 * while both lead to the same Redis process, so that no answer can be given whose change would go unheard. When a
 * connection is lost nothing is reported, since what was kept stays as good as `staleness()` says; when it is regained
 * everything may have changed. A read is
 * one MGET of the record and the verification mark: both of one instant. Needs the rights of `gateway` in
 * `redis/acl.ts`.
 */
export interface RedisRouteReaderOptions {
  redis: RedisSettings;
  keyring: Keyring;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
  random?: Random;
  connectTimeout?: number;
  commandTimeout?: number;
  /** How long a read waits for a connection that was just lost, milliseconds. */
  patience?: number;
}

export function createRedisRouteReader(options: RedisRouteReaderOptions): RedisRouteReader {
  return new RedisRouteReader(options);
}

const ROLE_CHECK_INTERVAL = 1000;
const UNHEARD = 'changes of the store are not heard at present';
const UNTIMED = 'the clock of the store has not been read yet';
const TAMPERED_METRIC = 'crisp_mcp_store_tampered_records_total';

export class RedisRouteReader implements RouteReader {
  readonly #options: RedisRouteReaderOptions;
  readonly #patience: number;
  readonly #reads: RedisLink;
  readonly #changes: RedisLink;
  readonly #storeClock: StoreClock;
  readonly #tampered: Counter | undefined;
  #channel: InvalidationChannel | undefined;
  #roleCheck: Timer | undefined;
  #deafSince: number;

  constructor(options: RedisRouteReaderOptions) {
    const { redis, clock, metrics, random = systemRandom, commandTimeout = 1000, patience = 500 } = options;
    this.#options = options;
    this.#patience = patience;
    this.#deafSince = clock.monotonic();
    const target = parseRedisTarget(redis);
    const link = { ...options, random, commandTimeout, patience, target };
    this.#reads = new RedisLink({ ...link, name: 'crisp-mcp-gateway' });
    this.#changes = new RedisLink({ ...link, name: 'crisp-mcp-gateway-changes' });
    const readTime = () => this.#reads.call('read the time', ({ client }) => client.time());
    this.#storeClock = new StoreClock({ link: this.#reads, readTime, clock });
    this.#tampered = metrics === undefined ? undefined : tamperedCounter(metrics);
  }

  async start(listener: InvalidationListener): Promise<void> {
    const { clock, logger } = this.#options;
    this.#channel = new InvalidationChannel({
      link: this.#changes,
      clock,
      logger,
      listener,
      onArmed: ({ instance }) => dropOther(this.#reads, instance),
    });
    // The newer of two sessions is right: after a failover the older one leads to the server that was left behind.
    this.#reads.listen({ up: ({ instance }) => dropOther(this.#changes, instance) });
    this.#changes.listen({
      down: () => {
        this.#deafSince = clock.monotonic();
      },
    });
    this.#reads.open();
    this.#changes.open();
  }

  async fetchRoute(hash: TokenHash): Promise<RouteLookup> {
    const key = routeKey(hash);
    const { verified, value } = await this.#read('fetch route', key);
    if (!verified) return { verified };
    return { verified, route: value === undefined ? undefined : this.#open(key, value, openRoute) };
  }

  async fetchApiToken(hash: TokenHash): Promise<ApiTokenLookup> {
    const key = apiTokenKey(hash);
    const { verified, value } = await this.#read('fetch API token', key);
    if (!verified) return { verified };
    return { verified, apiToken: value === undefined ? undefined : this.#open(key, value, openApiToken) };
  }

  async fetchAccount(uid: string): Promise<AccountLookup> {
    const key = accountKey(uid);
    const { verified, value } = await this.#read('fetch account', key);
    if (!verified) return { verified };
    return { verified, account: value === undefined ? undefined : this.#open(key, value, openAccount) };
  }

  staleness(): number {
    return this.#channel?.staleness() ?? Number.POSITIVE_INFINITY;
  }

  clockOffset(): number | undefined {
    return this.#storeClock.offset;
  }

  async close(): Promise<void> {
    this.#roleCheck?.cancel();
    this.#storeClock.close();
    this.#reads.close();
    this.#changes.close();
  }

  async #read(action: string, key: string): Promise<{ verified: boolean; value: string | undefined }> {
    return this.#reads.call(action, async (session) => {
      const heard = await this.#listening(session);
      // Until the clocks are compared nobody could tell whether a route that is read has expired.
      await this.#storeClock.untilMeasured(this.#patience);
      if (this.#storeClock.offset === undefined) throw new Error(UNTIMED);
      const [mark, value] = await session.client.mget(SYNCED_KEY, key);
      if (this.#channel?.armed !== heard) throw new Error(UNHEARD);
      if (!isVerifiedIn(session.instance, mark)) {
        this.#suspectDemotion(session);
        return { verified: false, value: undefined };
      }
      return { verified: true, value: value ?? undefined };
    });
  }

  /** The session on which a change of what `session` reads will be heard. */
  async #listening({ instance }: Session): Promise<Session> {
    const { clock } = this.#options;
    if (this.#channel?.armed === undefined) {
      await this.#channel?.untilArmed(this.#deafSince + this.#patience - clock.monotonic());
    }
    const armed = this.#channel?.armed;
    if (armed?.instance !== instance) throw new Error(UNHEARD);
    return armed;
  }

  #open<T>(key: string, value: string, open: (keyring: Keyring, key: string, value: string) => { record: T }): T {
    try {
      return open(this.#options.keyring, key, value).record;
    } catch (error) {
      if (error instanceof TamperedRecordError) {
        this.#tampered?.inc();
        this.#options.logger.error('a record of the route store was refused', { error });
      }
      throw error;
    }
  }

  /** A master that became a replica goes on answering, and one that is master anew is another instance. */
  #suspectDemotion({ client, instance }: Session): void {
    if (this.#roleCheck !== undefined) return;
    this.#roleCheck = this.#options.clock.setTimer(ROLE_CHECK_INTERVAL, () => {
      this.#roleCheck = undefined;
    });
    readInstance(client).then(
      (present) => {
        if (present.isReplica || present.id !== instance) this.#reads.reconnect();
      },
      () => undefined,
    );
  }
}

function dropOther(link: RedisLink, instance: string): void {
  if (link.session !== undefined && link.session.instance !== instance) link.reconnect();
}

function tamperedCounter(metrics: Metrics): Counter {
  const existing = metrics.getSingleMetric(TAMPERED_METRIC);
  if (existing instanceof Counter) return existing;
  return new Counter({
    name: TAMPERED_METRIC,
    help: 'Records of the route store that carried no valid signature and were refused.',
    registers: [metrics],
  });
}
