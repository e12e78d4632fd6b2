import { delay } from '../../src/process/clock.ts';
import { StoreUnavailableError } from '../../src/routes/errors.ts';
import type { MemoryRouteReader } from '../../src/routes/memory/memory-reader.ts';
import type { InvalidationListener, RouteReader } from '../../src/routes/store.ts';
import type { TokenHash } from '../../src/routes/token.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** What a gateway is told. */
export type News = { kind: 'route' | 'apiToken'; hash: TokenHash } | { kind: 'account'; uid: string } | { kind: 'all' };

/**
 * A gateway's side of the store: answers take their time, and so do invalidations, on a way of their own and in order.
 * What is still on its way is known here, because a gateway is not to blame for what it has not heard.
 */
export class WatchedReader implements RouteReader {
  readonly #process: SimulatedProcess;
  readonly #inner: MemoryRouteReader;
  readonly #onNews: (news: News) => void;
  #underway: News[] = [];
  #delivering = false;
  #listener: InvalidationListener | undefined;

  constructor(process: SimulatedProcess, inner: MemoryRouteReader, onNews: (news: News) => void) {
    this.#process = process;
    this.#inner = inner;
    this.#onNews = onNews;
  }

  start(listener: InvalidationListener): Promise<void> {
    this.#listener = listener;
    return this.#inner.start({
      routeChanged: (hash) => this.#send({ kind: 'route', hash }),
      apiTokenChanged: (hash) => this.#send({ kind: 'apiToken', hash }),
      accountChanged: (uid) => this.#send({ kind: 'account', uid }),
      allChanged: () => this.#send({ kind: 'all' }),
    });
  }

  fetchRoute: RouteReader['fetchRoute'] = (hash) => this.#read('fetch a route', () => this.#inner.fetchRoute(hash));
  fetchApiToken: RouteReader['fetchApiToken'] = (hash) =>
    this.#read('fetch an API token', () => this.#inner.fetchApiToken(hash));
  fetchAccount: RouteReader['fetchAccount'] = (uid) =>
    this.#read('fetch an account', () => this.#inner.fetchAccount(uid));
  staleness = () => this.#inner.staleness();
  clockOffset = () => this.#inner.clockOffset();
  close = () => this.#inner.close();

  /** As each 30 s in production. */
  measureClock(storeClock: number): void {
    this.#inner.setClockOffset(storeClock - this.#process.clock.now());
  }

  mayNotHaveHeardOfRoute(hash: TokenHash): boolean {
    return this.#mayNotHaveHeardOf('route', hash);
  }

  mayNotHaveHeardOfApiToken(hash: TokenHash): boolean {
    return this.#mayNotHaveHeardOf('apiToken', hash);
  }

  mayNotHaveHeardOfAccount(uid: string): boolean {
    return this.#underway.some((news) => news.kind === 'all' || (news.kind === 'account' && news.uid === uid));
  }

  get hasHeardAll(): boolean {
    return this.#underway.length === 0;
  }

  #mayNotHaveHeardOf(kind: 'route' | 'apiToken', hash: TokenHash): boolean {
    return this.#underway.some((news) => news.kind === 'all' || (news.kind === kind && news.hash === hash));
  }

  #read<T>(action: string, effect: () => Promise<T>): Promise<T> {
    const slowEffect = async () => {
      const answer = await effect();
      const { weather, chance, clock } = this.#process;
      // Long enough for news of what was read to be faster than the answer.
      if (!weather.calm && chance.happens(0.3)) await delay(clock, chance.between(1, 80));
      return answer;
    };
    return this.#process.call('store', slowEffect, () => new StoreUnavailableError(action, 'the connection was lost'));
  }

  #send(news: News): void {
    if (!this.#process.alive) return;
    this.#underway.push(news);
    if (!this.#delivering) this.#deliverNext();
  }

  #deliverNext(): void {
    this.#delivering = this.#underway.length > 0;
    if (!this.#delivering) return;
    const { weather, chance, clock } = this.#process;
    const wait = weather.calm || chance.happens(0.6) ? 0 : chance.between(1, 40);
    if (wait === 0) this.#deliver();
    else clock.setTimer(wait, () => this.#deliver());
  }

  #deliver(): void {
    const news = this.#underway.shift();
    if (news === undefined || this.#listener === undefined) return;
    if (news.kind === 'route') this.#listener.routeChanged(news.hash);
    else if (news.kind === 'apiToken') this.#listener.apiTokenChanged(news.hash);
    else if (news.kind === 'account') this.#listener.accountChanged(news.uid);
    else this.#listener.allChanged();
    this.#onNews(news);
    this.#deliverNext();
  }
}
