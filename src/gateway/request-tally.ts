import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * Counts and durations of requests, in plain numbers while they happen and in the form of Prometheus when somebody
 * scrapes: the client library spends more on one observation than the gateway on a whole look-up. Labels come from closed
 * sets, so the maps stay small.
 */
export class RequestTally {
  readonly #byRpc = new Map<string, Tally>();

  constructor(registry: Registry) {
    const byRpc = this.#byRpc;
    new Counter({
      name: 'crisp_mcp_gateway_requests_total',
      help: 'Requests by what they asked for and how they ended.',
      labelNames: ['rpc', 'outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [rpc, { outcomes }] of byRpc) {
          for (const [outcome, count] of outcomes) this.inc({ rpc, outcome }, count);
        }
      },
    });
    registry.registerMetric(new Durations(byRpc));
  }

  add(rpc: string, outcome: string, durationMs: number): void {
    let tally = this.#byRpc.get(rpc);
    if (tally === undefined) {
      tally = { outcomes: new Map(), buckets: SECONDS.map(() => 0), count: 0, seconds: 0 };
      this.#byRpc.set(rpc, tally);
    }
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    const seconds = durationMs / 1_000;
    tally.count++;
    tally.seconds += seconds;
    let bucket = 0;
    while (bucket < SECONDS.length && seconds > (SECONDS[bucket] ?? 0)) bucket++;
    if (bucket < SECONDS.length) tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
  }
}

interface Tally {
  readonly outcomes: Map<string, number>;
  /** Not cumulative; what is longer than the last bound is in `count` only. */
  readonly buckets: number[];
  count: number;
  seconds: number;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const NAME = 'crisp_mcp_gateway_request_duration_seconds';
const HELP = 'Time from the arrival of a request to its answer.';

/** A histogram whose values are made from the tallies. */
class Durations extends Histogram<'rpc' | 'le'> {
  readonly #byRpc: ReadonlyMap<string, Tally>;

  constructor(byRpc: ReadonlyMap<string, Tally>) {
    super({
      name: NAME,
      help: HELP,
      labelNames: ['rpc'],
      buckets: SECONDS,
      registers: [],
    });
    this.#byRpc = byRpc;
  }

  /** Not in the library's types, but what its registry and its `get` read. */
  async getForPromString() {
    const values = [...this.#byRpc].flatMap(([rpc, tally]) => valuesOf(rpc, tally));
    return { name: NAME, help: HELP, type: 'histogram', aggregator: 'sum', values };
  }
}

function valuesOf(rpc: string, { buckets, count, seconds }: Tally) {
  const sharedLabels = { rpc };
  let below = 0;
  const cumulative = SECONDS.map((le, index) => {
    below += buckets[index] ?? 0;
    return { metricName: `${NAME}_bucket`, labels: { le }, sharedLabels, value: below };
  });
  return [
    ...cumulative,
    { metricName: `${NAME}_bucket`, labels: { le: '+Inf' }, sharedLabels, value: count },
    { metricName: `${NAME}_sum`, labels: {}, sharedLabels, value: seconds },
    { metricName: `${NAME}_count`, labels: {}, sharedLabels, value: count },
  ];
}
