import type { Clock } from '../../src/process/clock.ts';
import type { Chance } from './chance.ts';
import type { SimulatedOperator, SimulatedOperatorOptions } from './simulated-operator.ts';
import { SimulatedProcess, type Weather } from './simulated-process.ts';

/**
 * Two replicas of the operator and their lease, reduced to what it guarantees: one holder at a time, a number that grows
 * with each new holder, and a new holder some time after the old one died or froze. Who has led once never leads again.
 */
export interface ReplicasOptions {
  time: Clock;
  chance: Chance;
  weather: Weather;
  publicUrl: () => string;
  build: (
    options: Pick<SimulatedOperatorOptions, 'process' | 'publicUrl' | 'isLeader' | 'onFenced'>,
  ) => SimulatedOperator;
}

const REPLICAS = 2;

export class Replicas {
  readonly #options: ReplicasOptions;
  #alive: SimulatedOperator[] = [];
  #holder: SimulatedOperator | undefined;
  #term = 0;
  #count = 0;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    while (this.#alive.length < REPLICAS) this.#spawn();
  }

  get alive(): readonly SimulatedOperator[] {
    return this.#alive;
  }

  get leader(): SimulatedOperator | undefined {
    return this.#holder;
  }

  isLeader(process: SimulatedProcess): boolean {
    return process.alive && this.#holder?.process === process;
  }

  /** The lease runs out while its holder knows nothing of it. */
  usurp(): void {
    const { time, chance } = this.#options;
    const holder = this.#holder;
    if (holder === undefined) return;
    holder.process.freeze();
    time.setTimer(chance.duration(10, 15_000), () => {
      if (this.#holder === holder && holder.process.frozen) this.#elect();
    });
    time.setTimer(chance.duration(100, 60_000), () => this.#awaken(holder));
  }

  /** One replica ends in order, its lease released. */
  stop(operator: SimulatedOperator): void {
    if (operator.stopping || !operator.process.alive) return;
    const end = () => operator.process.kill();
    if (operator.started) void operator.stop().then(end);
    else end();
  }

  /** For quiet points: nobody is frozen, nobody is old, somebody leads. */
  settle(): void {
    for (const operator of this.#alive) {
      if (operator.process.frozen) this.#awaken(operator);
      operator.process.spare();
      if (operator.publicUrl !== this.#options.publicUrl()) this.stop(operator);
    }
    this.#tend();
  }

  /** One leads, one follows, nobody is left over from before, and all have heard everything. */
  get settled(): boolean {
    const leader = this.#holder;
    const inPlace = (operator: SimulatedOperator) =>
      operator.started && !operator.stopping && operator.isCurrent && operator.hasLed === (operator === leader);
    return leader?.isIdle === true && this.#alive.length === REPLICAS && this.#alive.every(inPlace);
  }

  #awaken(operator: SimulatedOperator): void {
    const { time, chance } = this.#options;
    operator.process.thaw();
    if (this.#holder !== operator) time.setTimer(chance.between(0, 3_000), () => operator.process.kill());
  }

  #spawn(): void {
    const { chance, weather, time, build, publicUrl } = this.#options;
    this.#count += 1;
    const process = new SimulatedProcess({
      name: `operator-${this.#count}`,
      time,
      chance: chance.fork(),
      weather,
      onDeath: () => this.#died(operator),
    });
    const operator: SimulatedOperator = build({
      process,
      publicUrl: publicUrl(),
      isLeader: () => this.isLeader(process),
      onFenced: () => process.kill(),
    });
    this.#alive.push(operator);
    void operator.start().then(() => this.#tend());
  }

  #died(operator: SimulatedOperator): void {
    const { time, chance, weather } = this.#options;
    operator.release();
    this.#alive = this.#alive.filter((other) => other !== operator);
    if (this.#holder === operator) this.#holder = undefined;
    time.setTimer(weather.calm ? 10 : chance.duration(10, 8_000), () => this.#tend());
  }

  #tend(): void {
    while (this.#alive.length < REPLICAS) this.#spawn();
    if (this.#holder === undefined) this.#elect();
  }

  #elect(): void {
    const next = this.#alive.find(
      ({ process, started, hasLed, stopping }) => started && !hasLed && !stopping && !process.frozen,
    );
    if (next === undefined) return;
    this.#holder = next;
    this.#term += 1;
    void next.lead(this.#term);
  }
}
