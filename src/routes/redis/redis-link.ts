import { Redis } from 'ioredis';
import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { Random } from '../../process/random.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { RedisTarget } from './redis-target.ts';
import { readInstance } from './verification.ts';

/**
 * One connection to the Redis process that holds the routes, made again whenever it is lost. It is up only while it is
 * known to which process it leads: every answer comes from the connection its command was sent on, so an answer and the
 * instance of its session belong together. Guarantees: a call fails within `commandTimeout` plus `patience`; nothing is
 * queued for a later connection or sent twice; a connection that let a call time out is dropped; a replica is not used.
 * Errors name the hosts at most, never the URL or a command's arguments.
 */
export interface Session {
  readonly client: Redis;
  /** See `verification.ts`. */
  readonly instance: string;
}

export interface LinkOptions {
  target: RedisTarget;
  /** Shown by CLIENT LIST. */
  name: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  connectTimeout?: number;
  commandTimeout?: number;
  /** How long after the connection was lost a call still waits for the next one, milliseconds. */
  patience?: number;
}

export interface LinkListener {
  up?(session: Session): void;
  down?(): void;
}

/** Short enough that all is back within a second of the return of Redis. */
const LONGEST_PAUSE = 500;
const LASTING = 2000;
const FOLLOW_THE_OWNER = /^(MOVED|READONLY|CLUSTERDOWN|MASTERDOWN)\b/;

export class RedisLink {
  readonly client: Redis;
  readonly #options: Required<LinkOptions>;
  readonly #listeners: LinkListener[] = [];
  #session: Session | undefined;
  #upSince = 0;
  #downSince: number;
  #failures = 0;
  #lastError: Error | undefined;
  #closed = false;
  #waiting = new Set<() => void>();

  constructor(options: LinkOptions) {
    this.#options = { connectTimeout: 2000, commandTimeout: 2000, patience: 500, ...options };
    this.#downSince = options.clock.monotonic();
    this.client = new Redis(this.#clientOptions());
    this.client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.client.on('ready', () => void this.#identify());
    this.client.on('close', () => this.#goDown());
  }

  #clientOptions() {
    const { target, name, connectTimeout, commandTimeout } = this.#options;
    return {
      ...target.options,
      protocol: 2 as const,
      replyMapping: 'legacy' as const,
      connectionName: name,
      disableClientInfo: true,
      connectTimeout,
      commandTimeout,
      disconnectTimeout: 200,
      keepAlive: 30_000,
      lazyConnect: true,
      maxLoadingRetryTime: 500,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      retryStrategy: () => this.#nextPause(),
      reconnectOnError: (error: Error) => FOLLOW_THE_OWNER.test(error.message),
    };
  }

  listen(listener: LinkListener): void {
    this.#listeners.push(listener);
  }

  /** Begins to connect; the first failure is in the log, the outcome in `session`. */
  open(): void {
    this.client.connect().catch((error: Error) => this.#warn(error));
  }

  get session(): Session | undefined {
    return this.#session;
  }

  async call<T>(action: string, run: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.waitForSession(action);
    try {
      return await run(session);
    } catch (error) {
      if (error instanceof Error && error.message === 'Command timed out') this.reconnect();
      throw new StoreUnavailableError(action, error);
    }
  }

  async waitForSession(action: string): Promise<Session> {
    const { clock, patience, target } = this.#options;
    const deadline = this.#downSince + patience;
    if (this.#session === undefined) {
      await this.#change(Math.max(deadline - clock.monotonic(), 0));
    }
    if (this.#session !== undefined) return this.#session;
    const reason = this.#lastError?.message ?? 'not connected';
    throw new StoreUnavailableError(action, new Error(`${reason} (Redis at ${target.description})`));
  }

  /** Drops the connection, if there is one, and makes another. */
  reconnect(): void {
    if (!this.#closed && this.client.status === 'ready') this.client.disconnect(true);
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
    this.#goDown();
  }

  /** Resolves when a session begins or the time is up. */
  #change(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const timer: Timer = this.#options.clock.setTimer(milliseconds, done);
      this.#waiting.add(done);
    });
  }

  async #identify(): Promise<void> {
    const stream = this.client.stream;
    try {
      const { id, isReplica } = await readInstance(this.client);
      if (this.client.stream !== stream || this.client.status !== 'ready' || this.#closed) return;
      if (isReplica) throw new Error('this Redis is a replica; waiting for a master');
      this.#goUp({ client: this.client, instance: id });
    } catch (error) {
      if (this.client.stream !== stream) return;
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      this.#warn(this.#lastError);
      this.reconnect();
    }
  }

  #goUp(session: Session): void {
    this.#session = session;
    this.#upSince = this.#options.clock.monotonic();
    this.#lastError = undefined;
    this.#options.logger.info('connected to Redis', {
      redis: this.#options.target.description,
      connection: this.#options.name,
    });
    for (const listener of this.#listeners) listener.up?.(session);
    for (const done of [...this.#waiting]) done();
  }

  #goDown(): void {
    if (this.#session === undefined) return;
    this.#session = undefined;
    this.#downSince = this.#options.clock.monotonic();
    // A connection that did not last counts as a failure: two that displace each other must not spin.
    if (this.#downSince - this.#upSince >= LASTING) this.#failures = 0;
    if (!this.#closed) this.#warn(this.#lastError);
    for (const listener of this.#listeners) listener.down?.();
  }

  /** Never gives up: a store that is away for an hour must be found when it returns. Capped, so that it is found soon. */
  #nextPause(): number {
    const pause = Math.min(25 * 2 ** Math.min(this.#failures, 10), LONGEST_PAUSE);
    this.#failures += 1;
    return pause * (0.75 + this.#options.random.fraction() / 2);
  }

  #warn(error: Error | undefined): void {
    this.#options.logger.warn('no connection to Redis', {
      redis: this.#options.target.description,
      connection: this.#options.name,
      error: error === undefined ? 'connection closed' : new Error(error.message),
    });
  }
}
