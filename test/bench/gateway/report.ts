import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { pinning } from './bench-process.ts';
import type { BenchCase, CaseName } from './cases.ts';
import type { MemoryFigures, SoakFigures } from './memory.ts';
import type { Measured, Ratio } from './rounds.ts';

/** The figures of one run, for people as tables and for programs as JSON. */
export interface Report {
  readonly cases: readonly { readonly benchCase: BenchCase; readonly measured: Measured }[];
  /** By peer and case: requests a second and CPU as compared with the same reference. */
  readonly peers: Readonly<Record<string, Partial<Record<CaseName, PeerRatio>>>>;
  readonly skipped: readonly string[];
  readonly redisReadsPerRequest: number;
  readonly memory: MemoryFigures | undefined;
  readonly soak: SoakFigures | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly generator: 'wrk' | 'node';
  readonly loadBefore: readonly number[];
}

export interface PeerRatio extends Ratio {
  /** How many times as many requests the gateway answers. */
  readonly gatewayTimes: number;
}

export function toJson(report: Report): string {
  const ratios = report.cases.map(({ benchCase, measured }) => [benchCase.name, ratioOf(measured)]);
  const details = report.cases.map(({ benchCase, measured }) => [
    benchCase.name,
    { gateway: measured.subject, reference: measured.reference, addedP50Ms: measured.addedP50Ms },
  ]);
  return JSON.stringify({
    ratios: Object.fromEntries(ratios),
    peers: report.peers,
    memory: report.memory ?? {},
    soak: report.soak ?? {},
    redisReadsPerRequest: report.redisReadsPerRequest,
    addedP50Ms: alone(report)?.addedP50Ms,
    details: Object.fromEntries(details),
    machine: machine(report),
    skipped: report.skipped,
  });
}

export function print(report: Report): void {
  console.table(
    Object.fromEntries(
      report.cases.map(({ benchCase, measured }) => [
        benchCase.title,
        {
          ratio: round(measured.ratio),
          IQR: `${round(measured.iqr[0])}-${round(measured.iqr[1])}`,
          'CPU ratio': round(measured.cpuRatio),
          'goal (floor)': benchCase.target === undefined ? '' : `${benchCase.target.goal} (${benchCase.target.floor})`,
          'req/s': Math.round(measured.subject.perSecond),
          'CPU us': `${Math.round(measured.subject.cpuMicrosPerRequest)} : ${Math.round(measured.reference.cpuMicrosPerRequest)}`,
          busy: `${round(measured.subject.busy)} : ${round(measured.reference.busy)}`,
          'p50 ms': `${round(measured.subject.p50Ms)} : ${round(measured.reference.p50Ms)}`,
        },
      ]),
    ),
  );
  const peers = Object.entries(report.peers).flatMap(([peer, cases]) =>
    Object.entries(cases).map(([name, { ratio, cpuRatio, gatewayTimes }]) => [
      `${peer}, ${name}`,
      { ratio: round(ratio, 3), 'CPU ratio': round(cpuRatio, 3), 'the gateway answers': `${round(gatewayTimes, 1)}x` },
    ]),
  );
  if (peers.length > 0) console.table(Object.fromEntries(peers));
  for (const reason of report.skipped) console.log(reason);
  const added = alone(report)?.addedP50Ms;
  if (added !== undefined) console.log(`added p50 with one connection: ${round(added, 3)} ms (goal: below 0.15)`);
  console.log(`Redis reads a request on a warm route: ${report.redisReadsPerRequest} (goal: 0)`);
  if (report.memory !== undefined) {
    const { tenants, gatewayBytesPerTenant, redisBytesPerTenant, idleRssMb } = report.memory;
    console.log(
      `memory a tenant, ${tenants} loaded: ${gatewayBytesPerTenant} B in the gateway (goal: below 1536), ${redisBytesPerTenant} B in Redis (goal: below 800)`,
    );
    console.log(`RSS of an idle gateway: ${idleRssMb} MB (goal 80, floor 110)`);
  }
  if (report.soak !== undefined) {
    const { requests, tenants, rssMb, heldMb } = report.soak;
    console.log(`soak of ${requests} requests over ${tenants} tenants: RSS ${rssMb.join(' ')} MB after each tenth,`);
    console.log(`  live memory ${heldMb[0]} MB after the first tenth, ${heldMb[1]} MB at the end`);
  }
  const { cores, node, pinned, loadBefore, loadAfter } = machine(report);
  console.log(
    `${cores} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${node}, ${pinned ? 'pinned: server on core 0, generator and upstream on core 1' : 'not pinned (no taskset or one core)'}, load by ${report.generator === 'wrk' ? 'wrk' : 'a generator in Node'}, ${report.rounds} rounds of ${report.seconds} s; load average ${loadBefore} before, ${loadAfter} after`,
  );
  console.log('busy = share of one core that server : reference used; below 1, something else was the limit.');
}

function ratioOf({ ratio, iqr, cpuRatio }: Measured): Ratio {
  return { ratio: round(ratio, 3), iqr: [round(iqr[0], 3), round(iqr[1], 3)], cpuRatio: round(cpuRatio, 3) };
}

function alone(report: Report): Measured | undefined {
  return report.cases.find(({ benchCase }) => benchCase.name === 'toolsCall1kAlone')?.measured;
}

function machine({ loadBefore, rounds, seconds, generator }: Report) {
  return {
    cores: cpus().length,
    node: process.version,
    pinned: pinning,
    rounds,
    seconds,
    generator,
    loadBefore: round(loadBefore[0] ?? Number.NaN),
    loadAfter: round(loadavg()[0] ?? Number.NaN),
    commit: commit(),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function round(value: number, digits = 2): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
