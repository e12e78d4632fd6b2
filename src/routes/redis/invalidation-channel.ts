import type { Clock, Timer } from '../../process/clock.ts';
import type { Logger } from '../../process/logger.ts';
import type { InvalidationListener } from '../store.ts';
import { ACCOUNT_PREFIX, API_TOKEN_PREFIX, parseStoreKey, ROUTE_PREFIX, SYNCED_KEY } from '../store-keys.ts';
import type { RedisLink, Session } from './redis-link.ts';

/**
 * Hears of every change of the store: Redis' client-side tracking in broadcast mode, over RESP2. The tracking redirects
 * to the very connection that asked for it, so that it can neither outlive nor miss its subscription, and an answered
 * ping proves both alive: it comes after all invalidations sent before it. While the channel is not armed nothing is
 * heard; when it is again, everything may have changed, and that is reported first.
 */
const CHANNEL = '__redis__:invalidate';
const PING_INTERVAL = 1000;

export interface ChannelOptions {
  link: RedisLink;
  clock: Clock;
  logger: Logger;
  listener: InvalidationListener;
  onArmed: (session: Session) => void;
}

export class InvalidationChannel {
  readonly #options: ChannelOptions;
  #armed: Session | undefined;
  #aliveAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #waiting = new Set<() => void>();

  constructor(options: ChannelOptions) {
    this.#options = options;
    options.link.listen({ up: (session) => void this.#arm(session), down: () => this.#disarm() });
    options.link.client.on('message', (channel: string, names: unknown) => {
      if (channel === CHANNEL) this.#invalidated(names);
    });
  }

  /** The session through which changes are heard now. */
  get armed(): Session | undefined {
    return this.#armed;
  }

  staleness(): number {
    return this.#options.clock.monotonic() - this.#aliveAt;
  }

  /** Resolves when the channel is armed or the time is up. */
  untilArmed(milliseconds: number): Promise<void> {
    if (this.#armed !== undefined || milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const timer = this.#options.clock.setTimer(milliseconds, done);
      this.#waiting.add(done);
    });
  }

  async #arm(session: Session): Promise<void> {
    const { link, clock, logger, listener, onArmed } = this.#options;
    const { client } = session;
    try {
      const asked = clock.monotonic();
      const id = await client.client('ID');
      const prefixes = [ROUTE_PREFIX, API_TOKEN_PREFIX, ACCOUNT_PREFIX, SYNCED_KEY].flatMap((prefix) => [
        'PREFIX',
        prefix,
      ]);
      await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes);
      await client.subscribe(CHANNEL);
      if (link.session !== session) return;
      this.#armed = session;
      this.#aliveAt = asked;
      listener.allChanged();
      onArmed(session);
      for (const done of [...this.#waiting]) done();
      this.#schedulePing(session);
    } catch (error) {
      if (link.session !== session) return;
      logger.warn('the invalidations of Redis cannot be followed', {
        error: error instanceof Error ? new Error(error.message) : error,
      });
      // After a pause, since a refusal (no right to track) would be refused again at once.
      this.#timer = clock.setTimer(PING_INTERVAL, () => link.reconnect());
    }
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#armed = undefined;
  }

  #schedulePing(session: Session): void {
    this.#timer = this.#options.clock.setTimer(PING_INTERVAL, () => void this.#ping(session));
  }

  async #ping(session: Session): Promise<void> {
    const { link, clock } = this.#options;
    const asked = clock.monotonic();
    try {
      await link.call('ping', ({ client }) => client.ping());
    } catch {
      // The link has dropped the connection, or will when it notices; arming begins anew with the next.
      if (this.#armed === session) link.reconnect();
      return;
    }
    if (this.#armed !== session) return;
    this.#aliveAt = asked;
    this.#schedulePing(session);
  }

  /** Several names come joined by commas; a flush comes as an empty message. */
  #invalidated(names: unknown): void {
    const { listener } = this.#options;
    if (typeof names !== 'string' || names === '') {
      listener.allChanged();
      return;
    }
    for (const name of names.split(',')) {
      const key = parseStoreKey(name);
      if (key.kind === 'route') listener.routeChanged(key.hash);
      else if (key.kind === 'apiToken') listener.apiTokenChanged(key.hash);
      else if (key.kind === 'account') listener.accountChanged(key.uid);
      else listener.allChanged();
    }
  }
}
