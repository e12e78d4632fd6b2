import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { z } from 'zod';
import { startProcess } from './gateway/bench-process.ts';
import { install } from './gateway/installation.ts';
import { portOf } from './gateway/subjects.ts';
import { CALL_SMALL, HEADERS } from './gateway/workload.ts';
import { type Percentiles, percentiles } from './statistics.ts';

/**
 * How much one noisy tenant slows another: the shipped gateway, an upstream that takes 100 ms, one client that calls one
 * call after the other, alone and beside a tenant that keeps 120 calls going (16 run, 64 wait, the rest is refused and
 * comes again). Rounds alternate, so that both see the same machine.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
});
const UPSTREAM_MS = 100;
const NOISY_CLIENTS = 120;
const countsSchema = z.object({ served: z.number(), refused: z.number() });

const upstreamProcess = startProcess({
  program: fileURLToPath(new URL('gateway/upstream.ts', import.meta.url)),
  args: [String(UPSTREAM_MS)],
  core: 1,
  outputFile: '/dev/null',
});
const upstream = `http://127.0.0.1:${await portOf(upstreamProcess)}`;
const site = await install(upstream);
try {
  const gateway = await site.startGateway({ upstream });
  const [quiet = '', noisy = ''] = await site.addTenants(2);
  const origin = `http://127.0.0.1:${gateway.port}`;
  const ofQuiet = new Pool(origin, { connections: 1 });
  const noise = startProcess({
    program: fileURLToPath(new URL('gateway/noise.ts', import.meta.url)),
    args: [origin, `/mcp/${noisy}`, String(NOISY_CLIENTS)],
    core: 1,
    outputFile: '/dev/null',
  });
  await noise.hello;
  const call = async (): Promise<number> => {
    const { statusCode, body } = await ofQuiet.request({
      method: 'POST',
      path: `/mcp/${quiet}`,
      headers: HEADERS,
      body: CALL_SMALL,
    });
    await body.dump();
    return statusCode;
  };
  const measure = async (into: number[]): Promise<void> => {
    const end = performance.now() + Number(values.seconds) * 1_000;
    while (performance.now() < end) {
      const began = performance.now();
      const status = await call();
      if (status !== 200) throw new Error(`the quiet tenant was answered ${status}`);
      into.push(performance.now() - began);
    }
  };
  const besideNoise = async (into: number[]): Promise<void> => {
    await noise.ask({ noise: 'start' });
    await sleep(200);
    await measure(into);
    await noise.ask({ noise: 'stop' });
  };
  const alone: number[] = [];
  const beside: number[] = [];
  await measure([]);
  for (let round = 0; round < Number(values.rounds); round++) {
    await measure(alone);
    await besideNoise(beside);
  }
  const counts = countsSchema.parse(await noise.ask({ noise: 'stop' }));
  const report = {
    upstreamMs: UPSTREAM_MS,
    noisyClients: NOISY_CLIENTS,
    alone: percentiles(alone),
    besideNoise: percentiles(beside),
    noisyServed: counts.served,
    noisyRefused: counts.refused,
  };
  console.log(line('alone', report.alone), '\n', line('beside a noisy tenant', report.besideNoise));
  console.log(`the noisy tenant: ${report.noisyServed} calls served, ${report.noisyRefused} refused`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await site.close();
}
process.exit(0);

function line(what: string, { p50, p99 }: Percentiles): string {
  return `a quiet tenant's call, ${what}: p50 ${p50} ms, p99 ${p99} ms`;
}
