import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import type { FakeClock } from '../../src/process/clock.ts';
import type { MemoryDump } from '../../src/routes/memory/memory-state.ts';
import type { MemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import type { Chance } from './chance.ts';
import type { Deed } from './deeds.ts';
import type { Replicas } from './replicas.ts';
import type { ProcessClock, Weather } from './simulated-process.ts';
import type { Witness } from './witness.ts';

/** What befalls the system. Faults that last end by themselves, or when {@link Faults.end} is called. */
export interface FaultsOptions {
  time: FakeClock;
  chance: Chance;
  weather: Weather;
  api: EmbeddedObjectApi;
  store: MemoryRouteStore;
  storeClock: ProcessClock;
  witness: Witness;
  replicas: Replicas;
}

export class Faults {
  readonly #options: FaultsOptions;
  #oldDump: MemoryDump | undefined;
  #storeLostAt: number | undefined;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Monotonic; `undefined` while the store is in sight. */
  get storeLostAt(): number | undefined {
    return this.#storeLostAt;
  }

  /** Returns false for a deed that is no fault. */
  befall(deed: Deed): boolean {
    const { chance, api, store, storeClock, replicas, time, witness } = this.#options;
    const follower = replicas.alive.find((operator) => operator !== replicas.leader);
    switch (deed.do) {
      case 'crash': {
        const victim = deed.who === 'leader' ? replicas.leader : follower;
        if (victim === undefined) return true;
        victim.process.destine(deed.afterCrossings, () => victim.process.kill());
        return true;
      }
      case 'usurp':
        replicas.leader?.process.destine(deed.afterCrossings, () => replicas.usurp());
        return true;
      case 'handOver':
        if (replicas.leader !== undefined) replicas.stop(replicas.leader);
        return true;
      case 'breakWatches':
        for (const operator of replicas.alive) if (chance.happens(0.7)) operator.api.breakWatches();
        return true;
      case 'compact':
        api.compact();
        return true;
      case 'flushStore':
        witness.fence.restored(0);
        store.flush();
        return true;
      case 'keepDump':
        this.#oldDump = store.dump();
        return true;
      case 'machineDies':
        this.#restartStore('old dump');
        replicas.leader?.process.kill();
        return true;
      case 'restartStore':
        this.#restartStore(deed.from);
        return true;
      case 'loseStore':
        if (this.#storeLostAt !== undefined) return true;
        this.#storeLostAt = time.monotonic();
        store.setReachable(false);
        time.setTimer(deed.forMs, () => this.#findStore());
        return true;
      case 'shakeStore':
        this.#change({ storeFailure: 0.3 }, { storeFailure: 0 }, deed.forMs);
        return true;
      case 'breakApi':
        this.#change({ apiFailure: chance.oneOf([0.1, 0.3, 0.9]) }, { apiFailure: 0 }, deed.forMs);
        return true;
      case 'delayWatches':
        this.#change({ watchLag: chance.duration(50, 8_000) }, { watchLag: CALM.watchLag }, deed.forMs);
        return true;
      case 'loseCrisp':
        this.#change({ crisp: deed.how }, { crisp: 'answers' }, deed.forMs);
        return true;
      case 'stepClock': {
        const clocks = { leader: replicas.leader?.process.clock, follower: follower?.process.clock, store: storeClock };
        const clock = deed.whose === 'gateway' ? undefined : clocks[deed.whose];
        if (clock === undefined) return false;
        clock.offset += deed.byMs;
        return true;
      }
      default:
        return false;
    }
  }

  end(): void {
    const { weather, storeClock, replicas } = this.#options;
    Object.assign(weather, CALM);
    storeClock.offset = 0;
    for (const { process } of replicas.alive) process.clock.offset = 0;
    this.#findStore();
    replicas.settle();
  }

  begin(): void {
    this.#options.weather.calm = false;
  }

  /** Of two overlapping faults of one sort the end of the first ends both. */
  #change(change: Partial<Weather>, back: Partial<Weather>, forMs: number): void {
    const { weather, time } = this.#options;
    Object.assign(weather, change);
    time.setTimer(forMs, () => Object.assign(weather, back));
  }

  #restartStore(from: 'nothing' | 'old dump' | 'present'): void {
    const { store, witness } = this.#options;
    const dump = from === 'present' ? store.dump() : from === 'old dump' ? this.#oldDump : undefined;
    witness.fence.restored(dump?.epoch ?? 0);
    store.restart(dump);
  }

  #findStore(): void {
    this.#storeLostAt = undefined;
    this.#options.store.setReachable(true);
  }
}

export const CALM: Weather = { calm: true, apiFailure: 0, storeFailure: 0, watchLag: 5, crisp: 'answers' };
