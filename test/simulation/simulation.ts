import { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { FakeClock } from '../../src/process/clock.ts';
import { createMemoryRouteStore } from '../../src/routes/memory-route-store.ts';
import { Chance } from './chance.ts';
import { differences } from './comparison.ts';
import type { Action, Deed } from './deeds.ts';
import { CALM, Faults } from './faults.ts';
import { Gateways } from './gateways.ts';
import { LastUses } from './last-uses.ts';
import { Replicas } from './replicas.ts';
import { Resources } from './resources.ts';
import { scriptOf } from './script.ts';
import { SimulatedOperator } from './simulated-operator.ts';
import { ProcessClock, type Weather } from './simulated-process.ts';
import { Users } from './users.ts';
import { Violation } from './violation.ts';
import { Witness } from './witness.ts';

/**
 * One run: two replicas of the production operator and two gateways on the embedded API and the memory store, under one
 * fake clock; a script of what people do and what goes wrong; and from time to time a rest, at which everything must
 * come to where the model says it belongs. Everything follows from the seed and the script.
 */
const LONGEST_CONVERGENCE = 240_000;
/** Longer than the operator's resync, so that everything is looked at again within it. */
const QUIET = 601_000;
/** What calls of unknown outcome leave to be done once, at the next look, though it changes nothing. */
const CLEANING_UP: ReadonlySet<string> = new Set([
  'store: take an epoch',
  'store: delete routes',
  'store: delete API tokens',
]);

export interface Run {
  /** Every effect that operators had, in order. */
  readonly effects: readonly string[];
}

export async function simulate(seed: number, script: readonly Action[] = scriptOf(seed)): Promise<Run> {
  const simulation = new Simulation(seed);
  try {
    for (const action of script) await simulation.perform(action);
    await simulation.rest();
    await simulation.staysQuiet();
    return { effects: simulation.effects };
  } finally {
    simulation.end();
  }
}

class Simulation {
  readonly #time = new FakeClock();
  readonly #storeClock = new ProcessClock(this.#time);
  readonly #weather: Weather = { ...CALM };
  readonly #api: EmbeddedObjectApi;
  readonly #store = createMemoryRouteStore({ clock: this.#storeClock });
  readonly #resources: Resources;
  readonly #witness: Witness;
  readonly #lastUses: LastUses;
  readonly #replicas: Replicas;
  readonly #users: Users;
  readonly #faults: Faults;
  readonly #gateways: Gateways;
  #publicUrls = 0;
  #timesCrispWasAsked = 0;

  constructor(seed: number) {
    const time = this.#time;
    const chance = new Chance(seed ^ 0x5bd1e995);
    this.#api = new EmbeddedObjectApi({ clock: time, random: chance.fork() });
    this.#resources = new Resources(this.#api);
    this.#witness = new Witness({
      resources: this.#resources,
      store: this.#store,
      time,
      isLeader: (process) => this.#replicas.isLeader(process),
    });
    this.#lastUses = new LastUses({ resources: this.#resources, time, weather: this.#weather });
    this.#users = new Users({ api: this.#api, resources: this.#resources, time });
    this.#gateways = new Gateways({
      time,
      chance,
      weather: this.#weather,
      store: this.#store,
      storeClock: this.#storeClock,
      witness: this.#witness,
      storeLostAt: () => this.#faults.storeLostAt,
    });
    this.#replicas = new Replicas({
      time,
      chance: chance.fork(),
      weather: this.#weather,
      publicUrl: () => this.#publicUrl,
      build: (options) =>
        new SimulatedOperator({
          ...options,
          api: this.#api,
          store: this.#store,
          witness: this.#witness,
          lastUses: this.#lastUses,
          onCrispAsked: () => {
            this.#timesCrispWasAsked += 1;
          },
        }),
    });
    this.#faults = new Faults({
      time,
      chance: chance.fork(),
      weather: this.#weather,
      api: this.#api,
      store: this.#store,
      storeClock: this.#storeClock,
      witness: this.#witness,
      replicas: this.#replicas,
    });
    this.#faults.begin();
    this.#storeClock.offset = skew(chance);
    for (const { process } of [...this.#gateways.alive, ...this.#replicas.alive]) process.clock.offset = skew(chance);
    this.#measureClocks();
  }

  get effects(): readonly string[] {
    return this.#witness.effects;
  }

  async perform(action: Action): Promise<void> {
    if (action.do === 'rest') {
      await this.rest();
      this.#faults.begin();
      return;
    }
    const leader = this.#replicas.leader?.process;
    const isFault = action.do === 'crash' || action.do === 'usurp';
    if (action.afterCrossings === undefined || isFault || leader === undefined) await this.#do(action);
    else leader.destine(action.afterCrossings, () => void this.#do(action));
    await this.#pass(action.thenWaitMs);
  }

  async #do(deed: Deed): Promise<void> {
    const done = (await this.#users.perform(deed)) || this.#faults.befall(deed);
    if (!done && deed.do === 'changePublicUrl') this.#changePublicUrl();
    else if (!done) this.#gateways.befall(deed);
    this.#witness.resourcesChanged();
  }

  /** Faults end, and within a bound the world is as the model says. */
  async rest(): Promise<void> {
    this.#users.rest();
    this.#faults.end();
    for (const { process } of this.#gateways.alive) process.clock.offset = 0;
    this.#gateways.measureClocks();
    await this.#converge();
  }

  /** With nothing to do for longer than a resync, nothing is done. */
  async staysQuiet(): Promise<void> {
    for (let end = this.#nextEnd(); end !== undefined; end = this.#nextEnd()) {
      await this.#pass(end - this.#time.now() + 1_000);
      await this.#converge();
    }
    const writes = await this.#writesInQuiet();
    const isCleaningUp = writes.length > 0 && writes.every((write) => CLEANING_UP.has(write));
    const needless = isCleaningUp ? await this.#writesInQuiet() : writes;
    if (needless.length > 0) throw new Violation('no-needless-write', needless.join('; '));
    const remaining = await this.#differences();
    if (remaining.length > 0) throw new Violation('convergence', `after a quiet time ${remaining.join('\n')}`);
  }

  /** Lets go of everything. */
  end(): void {
    for (const { process } of this.#replicas.alive) process.kill();
    this.#gateways.close();
  }

  async #writesInQuiet(): Promise<string[]> {
    const before = this.#witness.effects.length;
    const asked = this.#timesCrispWasAsked;
    await this.#pass(QUIET);
    return [
      ...this.#witness.effects.slice(before),
      ...(asked === this.#timesCrispWasAsked ? [] : ['a question to Crisp']),
    ];
  }

  async #converge(): Promise<void> {
    const start = this.#time.monotonic();
    let remaining: string[] = [];
    for (let wait = 1_000; this.#time.monotonic() - start < LONGEST_CONVERGENCE; wait = Math.min(wait * 1.5, 60_000)) {
      await this.#pass(Math.round(wait));
      this.#replicas.settle();
      remaining = await this.#differences();
      if (remaining.length > 0) continue;
      // What is under way may still end, and must change nothing.
      await this.#pass(1_000);
      remaining = await this.#differences();
      if (remaining.length === 0) return;
    }
    throw new Violation('convergence', remaining.join('\n'));
  }

  async #differences(): Promise<string[]> {
    if (!this.#replicas.settled) return ['the replicas of the operator are not settled'];
    if (!(await this.#store.isVerified())) return ['the store is not verified'];
    const untold = this.#lastUses.untold();
    if (untold.length > 0) return untold.map((name) => `the last use of ${name} is not told`);
    return await differences({
      resources: this.#resources,
      store: this.#store,
      gateways: this.#gateways.alive,
      ledger: this.#witness.ledger,
      now: this.#time.now(),
      publicUrl: this.#publicUrl,
      lateSecrets: this.#witness.lateSecrets,
    });
  }

  async #pass(milliseconds: number): Promise<void> {
    await this.#time.advanceAsync(milliseconds);
    if (this.#witness.violation !== undefined) throw this.#witness.violation;
  }

  get #publicUrl(): string {
    return `https://mcp-${this.#publicUrls}.example.com`;
  }

  #changePublicUrl(): void {
    this.#publicUrls += 1;
    for (const operator of this.#replicas.alive) this.#replicas.stop(operator);
  }

  #measureClocks(): void {
    this.#gateways.measureClocks();
    this.#time.setTimer(this.#weather.calm ? 30_000 : 5_000, () => this.#measureClocks());
  }

  /** The next end of a server or an API token that lies so near that it would disturb the quiet. */
  #nextEnd(): number | undefined {
    const now = this.#time.now();
    const bearers = [...this.#resources.servers(), ...this.#resources.apiTokens()];
    const ends = bearers.flatMap(({ spec }) => (spec.expiresAt ? [Date.parse(spec.expiresAt)] : []));
    return ends.filter((end) => end > now && end <= now + QUIET + 60_000).sort((a, b) => a - b)[0];
  }
}

/** Clocks that nobody has touched agree, more or less. */
function skew(chance: Chance): number {
  return chance.happens(0.5) ? 0 : chance.oneOf([-1, 1]) * chance.duration(1, 1_500);
}
