import { type Clock, delay, type Timer } from '../../src/process/clock.ts';
import type { Chance } from './chance.ts';
import { Violation } from './violation.ts';

/**
 * One process of the simulation, operator or gateway: a clock of its own that can be wrong, and a border which each of
 * its calls crosses twice, going out and coming back. At every crossing it may be slowed down, frozen or ended; a call
 * may fail before it takes effect, or its answer may be lost after it did. A dead process never hears anything again.
 */
export interface Weather {
  /** No faults and no waiting. */
  calm: boolean;
  /** Probability that a call fails. */
  apiFailure: number;
  storeFailure: number;
  /** Milliseconds by which news of watches is late, at most. */
  watchLag: number;
  crisp: 'answers' | 'unknown' | 'hangs';
}

export type Peer = 'api' | 'store';

const MOST_QUESTIONS = 100_000;

export class SimulatedProcess {
  readonly name: string;
  readonly clock: ProcessClock;
  readonly chance: Chance;
  readonly weather: Weather;
  /** By how much news from its watches is later than usual. */
  readonly lagFactor: number;
  #fates: { crossingsLeft: number; readonly come: () => void }[] = [];
  readonly #onDeath: () => void;

  constructor(options: { name: string; time: Clock; chance: Chance; weather: Weather; onDeath?: () => void }) {
    this.name = options.name;
    this.chance = options.chance;
    this.lagFactor = this.chance.oneOf([1, 1, 1, 40]);
    this.weather = options.weather;
    this.clock = new ProcessClock(options.time);
    this.#onDeath = options.onDeath ?? (() => undefined);
  }

  get alive(): boolean {
    return this.clock.state !== 'dead';
  }

  get frozen(): boolean {
    return this.clock.state === 'frozen';
  }

  /** Ends as SIGKILL does. */
  kill(): void {
    if (!this.alive) return;
    this.clock.end();
    this.#onDeath();
  }

  /** Stops as SIGSTOP does: what it has sent goes on, itself it does not. */
  freeze(): void {
    if (this.alive) this.clock.freeze();
  }

  thaw(): void {
    this.clock.thaw();
  }

  /** Something happens, to it or around it, in the middle of a call: after so many crossings. */
  destine(crossings: number, come: () => void): void {
    this.#fates.push({ crossingsLeft: crossings, come });
  }

  /** What has not come yet does not come. */
  spare(): void {
    this.#fates = [];
  }

  async call<T>(peer: Peer, effect: () => Promise<T>, failure: () => Error): Promise<T> {
    await this.cross();
    const luck = this.#luck(peer);
    if (luck === 'refused') throw failure();
    const answer = await effect().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await this.cross();
    if (luck === 'answer lost') throw failure();
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  async cross(): Promise<void> {
    this.#meetFates();
    const wait = this.weather.calm ? 0 : this.#latency();
    if (wait > 0) await delay(this.clock, wait);
    if (this.frozen) await this.clock.thawed();
    // A promise of its own: one for all would hold on to everything that ever waited for it.
    if (!this.alive) await new Promise<never>(() => undefined);
  }

  #meetFates(): void {
    if (this.#fates.length === 0 || !this.alive) return;
    for (const fate of this.#fates) fate.crossingsLeft -= 1;
    const due = this.#fates.filter(({ crossingsLeft }) => crossingsLeft < 0);
    this.#fates = this.#fates.filter(({ crossingsLeft }) => crossingsLeft >= 0);
    for (const { come } of due) come();
  }

  #latency(): number {
    return this.chance.weighted([
      [60, 0],
      [30, this.chance.between(1, 4)],
      [9, this.chance.between(5, 60)],
      [1, this.chance.between(100, 900)],
    ]);
  }

  #luck(peer: Peer): 'good' | 'refused' | 'answer lost' {
    if (this.weather.calm) return 'good';
    const probability = peer === 'api' ? this.weather.apiFailure : this.weather.storeFailure;
    if (!this.chance.happens(probability)) return 'good';
    return this.chance.happens(0.5) ? 'refused' : 'answer lost';
  }
}

/** A clock that shows the common time, more or less, and stands still for its process while that is frozen. */
export class ProcessClock implements Clock {
  readonly #time: Clock;
  readonly #held = new Set<() => void>();
  /** Wall clock of the process minus the true one. */
  offset = 0;
  /** The latest instant that its process has read from it: what it decided then may take effect after a step back. */
  latest = Number.NEGATIVE_INFINITY;
  #state: 'running' | 'frozen' | 'dead' = 'running';
  #asked = 0;
  #askedAt = 0;

  constructor(time: Clock) {
    this.#time = time;
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state;
  }

  now(): number {
    const now = this.#time.now() + this.offset;
    this.latest = Math.max(this.latest, now);
    return now;
  }

  /** Asked this often without any time passing, its process runs in a circle and lets nobody else run. */
  monotonic(): number {
    const monotonic = this.#time.monotonic();
    this.#asked = monotonic === this.#askedAt ? this.#asked + 1 : 0;
    this.#askedAt = monotonic;
    if (this.#asked > MOST_QUESTIONS) throw new Violation('convergence', 'an operator or gateway runs in a circle');
    return monotonic;
  }

  setTimer(milliseconds: number, callback: () => void): Timer {
    const run = () => {
      if (this.#state === 'running') callback();
      else if (this.#state === 'frozen') this.#held.add(callback);
    };
    const timer = this.#time.setTimer(milliseconds, run);
    return {
      cancel: () => {
        timer.cancel();
        this.#held.delete(callback);
      },
    };
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    const held = [...this.#held];
    this.#held.clear();
    for (const callback of held) callback();
  }

  end(): void {
    this.#state = 'dead';
    this.#held.clear();
  }

  thawed(): Promise<void> {
    return new Promise((resolve) => this.#held.add(resolve));
  }
}
