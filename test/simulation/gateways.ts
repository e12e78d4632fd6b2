import type { Clock } from '../../src/process/clock.ts';
import type { Chance } from './chance.ts';
import type { Deed } from './deeds.ts';
import { type GatewayOptions, SimulatedGateway } from './simulated-gateway.ts';
import { SimulatedProcess, type Weather } from './simulated-process.ts';

/** The two gateways of a run. One that restarts begins with nothing remembered. */
export interface GatewaysOptions extends Omit<GatewayOptions, 'process'> {
  time: Clock;
  chance: Chance;
  weather: Weather;
}

export class Gateways {
  readonly #options: GatewaysOptions;
  #alive: SimulatedGateway[];

  constructor(options: GatewaysOptions) {
    this.#options = options;
    this.#alive = ['gateway-1', 'gateway-2'].map((name) => this.#start(name));
  }

  get alive(): readonly SimulatedGateway[] {
    return this.#alive;
  }

  /** What befalls gateways, or many clients do at once; other deeds are none of theirs. */
  befall(deed: Deed): void {
    if (deed.do === 'restartGateway') this.#restartFirst();
    else if (deed.do === 'requestAll') this.#requestAll();
    else if (deed.do === 'stepClock') {
      for (const { process } of this.#alive.slice(1)) process.clock.offset += deed.byMs;
    }
  }

  measureClocks(): void {
    for (const gateway of this.#alive) gateway.measureClock();
  }

  close(): void {
    for (const gateway of this.#alive) gateway.close();
  }

  #start(name: string): SimulatedGateway {
    const { time, chance, weather } = this.#options;
    const process = new SimulatedProcess({ name, time, chance: chance.fork(), weather });
    return new SimulatedGateway({ ...this.#options, process });
  }

  #restartFirst(): void {
    const [old, ...others] = this.#alive;
    if (old === undefined) return;
    old.process.kill();
    old.close();
    this.#alive = [...others, this.#start(old.process.name)];
  }

  /** Every token that ever was, with and without every API token. */
  #requestAll(): void {
    const { routes, apiTokens } = this.#options.witness.ledger;
    for (const token of [...routes.tokens.values(), 'x'.repeat(43)]) {
      for (const apiToken of [undefined, ...apiTokens.tokens.values()]) {
        for (const gateway of this.#alive) void gateway.request(token, apiToken);
      }
    }
  }
}
