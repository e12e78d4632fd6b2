import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/process/clock.ts';
import { silentLogger } from '../../src/process/logger.ts';
import { systemRandom } from '../../src/process/random.ts';
import { createKeyring } from '../../src/routes/keyring.ts';
import { createRedisRouteWriter, type RedisRouteWriter } from '../../src/routes/redis-route-writer.ts';
import { hashToken, newToken } from '../../src/routes/token.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { eventually } from '../harness/eventually.ts';
import { issueSecret } from '../harness/issued-secrets.ts';
import { startProcess } from '../harness/processes.ts';
import { type RedisServer, startRedis } from '../harness/redis.ts';
import { PROJECT_ROOT, scratchFolder } from '../harness/run-folder.ts';
import { freshCredentials, newKeyring } from './ground.ts';
import type { GatewayProcess } from './installation.ts';
import { gatewayMetric, readiness } from './outage-probes.ts';

/**
 * The data plane without Kubernetes: a real Redis, gateways as separate processes, Crisp played by a sandbox, and the test
 * itself in the operator's place, writing with the operator's writer. For what concerns operators see `installation.ts`.
 */
export interface DataPlaneOptions {
  /** Begins the names of the processes. */
  name: string;
  /** Where the gateways find Redis, when something stands between. */
  redisUrl?: (redis: RedisServer) => Promise<string> | string;
  /** Further arguments of each gateway. */
  gatewayArgs?: readonly string[];
}

export interface IssuedToken {
  readonly uid: string;
  readonly token: string;
  /** Below the origin of a gateway. */
  readonly path: string;
  /** Wall clock, milliseconds. */
  readonly exp: number | null;
}

/** One in so many tokens is registered for the leak search, whose time goes with their number. */
const SEARCHED_FOR = 100;
const ACCOUNT_UID = '7d1b5c9a-2222-4333-8444-0000000000e2';
const LISTENS = /"url":"([^"]+)","adminPort":(\d+)/;
const STEPPED_CLOCK = join(PROJECT_ROOT, 'test/harness/stepped-clock.ts');

export class DataPlane {
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  readonly gateways: GatewayProcess[] = [];
  readonly #options: DataPlaneOptions;
  readonly #redisUrl: string;
  readonly #keyring: string;
  readonly #writer: RedisRouteWriter;
  #epoch = 0;
  #issued = 0;

  private constructor(
    options: DataPlaneOptions,
    parts: { redis: RedisServer; sandbox: Sandbox; redisUrl: string; keyring: ReturnType<typeof newKeyring> },
  ) {
    this.#options = options;
    this.redis = parts.redis;
    this.sandbox = parts.sandbox;
    this.#redisUrl = parts.redisUrl;
    this.#keyring = parts.keyring.folder;
    this.#writer = createRedisRouteWriter({
      redis: { url: parts.redis.url },
      keyring: createKeyring({ current: parts.keyring.entry }),
      clock: systemClock,
      logger: silentLogger,
    });
  }

  /** With a verified store and no gateway yet. Ends with the test. */
  static async start(options: DataPlaneOptions): Promise<DataPlane> {
    const [redis, sandbox] = await Promise.all([
      startRedis({ name: `${options.name}-redis` }),
      startSandbox({
        clock: systemClock,
        random: systemRandom,
        logger: silentLogger,
        credentials: freshCredentials(),
      }),
    ]);
    const redisUrl = (await options.redisUrl?.(redis)) ?? redis.url;
    const plane = new DataPlane(options, { redis, sandbox, redisUrl, keyring: newKeyring(options.name) });
    onTestFinished(() => plane.stop());
    await plane.rebuild([]);
    return plane;
  }

  /** What a leader does with a store that it finds unverified. */
  async rebuild(tokens: readonly IssuedToken[]): Promise<void> {
    this.#epoch = await this.#writer.takeEpoch(0);
    await this.#writer.putAccount(this.#epoch, {
      uid: ACCOUNT_UID,
      namespace: 'e2e',
      name: 'acme',
      websiteId: this.sandbox.websiteId,
      apiUrl: this.sandbox.url,
      credentials: Object.entries(this.sandbox.credentials).flatMap(([tier, credential]) =>
        tier === 'website' ? [{ tier, ...credential }] : [],
      ),
    });
    await this.#put(tokens);
    await this.#writer.markVerified(this.#epoch);
  }

  /** New live servers. `exp` by position; without it they do not expire. */
  async issue(count: number, exp: (index: number) => number | null = () => null): Promise<IssuedToken[]> {
    const tokens = Array.from({ length: count }, (_, index): IssuedToken => {
      const token = newToken(systemRandom);
      const number = this.#issued++;
      if (number % SEARCHED_FOR === 0) issueSecret(token, 'a token of the data plane');
      const uid = `3f0c2a1e-1111-4222-8333-${String(number).padStart(12, '0')}`;
      return { uid, token, path: `/mcp/${token}`, exp: exp(index) };
    });
    await this.#put(tokens);
    return tokens;
  }

  /** Gives a token another end. The gateway, where a stream of it is open, knows of it when this resolves. */
  async setEnd(token: IssuedToken, exp: number, gateway: GatewayProcess): Promise<void> {
    const fetches = () => gatewayMetric(gateway, 'route_fetches_total', 'all');
    const [before, cached] = [await fetches(), await gatewayMetric(gateway, 'routes_cached')];
    await this.#put([{ ...token, exp }]);
    await eventually(async () => {
      expect(await fetches()).toBeGreaterThan(before);
      expect(await gatewayMetric(gateway, 'routes_cached')).toBe(cached);
    });
  }

  /** Acknowledged when this resolves. */
  async revoke({ uid }: IssuedToken): Promise<void> {
    await this.#writer.deleteRoutes(this.#epoch, uid);
  }

  /** `args` come after the others. `clockFile`: see `stepped-clock.ts`. */
  async startGateway(options: { args?: readonly string[]; clockFile?: string } = {}): Promise<GatewayProcess> {
    const process = await startProcess(
      `${this.#options.name}-gateway`,
      [
        ...['gateway', '--host', '127.0.0.1', '--port', '0', '--allowed-api-urls', this.sandbox.url],
        ...['--admin-host', '127.0.0.1', '--admin-port', '0'],
        ...['--redis-url', this.#redisUrl, '--keyring', this.#keyring],
        ...['--drain-delay', '0', '--drain-timeout', '3'],
        ...(this.#options.gatewayArgs ?? []),
        ...(options.args ?? []),
      ],
      options.clockFile === undefined
        ? {}
        : { env: { NODE_OPTIONS: `--import=${STEPPED_CLOCK}`, TEST_CLOCK_FILE: options.clockFile } },
    );
    const gateway = await eventually(
      async () => {
        const [, url = '', adminPort = ''] = LISTENS.exec(process.output()) ?? [];
        if (url === '') throw new Error(process.output().slice(-2_000));
        const listening = { process, url, adminUrl: `http://127.0.0.1:${adminPort}` };
        expect(await readiness(listening)).toBe('200 ok');
        return listening;
      },
      { timeout: 60_000, what: `${process.name} being ready` },
    );
    this.gateways.push(gateway);
    return gateway;
  }

  async stop(): Promise<void> {
    await Promise.all(this.gateways.map(({ process }) => process.stop()));
    await this.#writer.close();
    await Promise.all([this.redis.stop(), this.sandbox.close()]);
  }

  async #put(tokens: readonly IssuedToken[]): Promise<void> {
    await this.#writer.putRoutes(
      this.#epoch,
      tokens.map(({ uid, token, exp }) => ({
        hash: hashToken(token),
        record: {
          uid,
          namespace: 'e2e',
          name: `server-${uid.slice(-12)}`,
          displayName: '',
          exp,
          filter: {},
          accountUid: ACCOUNT_UID,
          auth: 'path',
          state: 'live',
        },
      })),
    );
  }
}

/** A wall clock that a test sets off, for {@link DataPlane.startGateway}. */
export function clockFile(): { readonly path: string; set(offset: number): void } {
  const path = join(scratchFolder(), `clock-${systemRandom.bytes(6).toString('hex')}`);
  const set = (offset: number) => writeFileSync(path, String(offset));
  set(0);
  return { path, set };
}
