import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { z } from 'zod';
import type { BenchProcess } from './bench-process.ts';
import type { BenchCase } from './cases.ts';
import type { Generator } from './generators.ts';
import type { LoadOrder, LoadResult } from './load-generator.ts';

/** A server under load: the gateway, a reference or a peer. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  readonly process: BenchProcess;
  readonly paths: readonly string[];
}

export interface Turn {
  readonly perSecond: number;
  readonly cpuMicrosPerRequest: number;
  /** Of one core, while the turn ran: well below 1 means that something else was the limit. */
  readonly busy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const addressSchema = z.object({ port: z.number() });

export async function portOf(started: BenchProcess): Promise<number> {
  return addressSchema.parse(await started.hello).port;
}

/** Runs one order and refuses to report a load of which any request failed. */
export async function load(generator: Generator, order: LoadOrder): Promise<LoadResult> {
  const result = await generator.run(order);
  if (result.failures > 0 || result.requests === 0) {
    throw new Error(`${result.failures} of ${result.requests} requests failed, first: ${result.firstFailure}`);
  }
  return result;
}

export async function turn(
  generator: Generator,
  subject: Subject,
  benchCase: BenchCase,
  milliseconds: number,
): Promise<Turn> {
  const { headers, body, connections, manyTenants } = benchCase;
  const paths = manyTenants ? subject.paths : subject.paths.slice(0, 1);
  const before = await subject.process.usage();
  const result = await load(generator, {
    port: subject.port,
    paths,
    headers,
    body,
    connections,
    until: { milliseconds },
  });
  const after = await subject.process.usage();
  const cpuMicros = after.cpuMicros - before.cpuMicros;
  return {
    perSecond: result.requests / result.seconds,
    cpuMicrosPerRequest: cpuMicros / result.requests,
    busy: cpuMicros / 1e6 / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
  };
}

/** Some peers answer with an event stream of one event. */
const EVENT = /^event: message\ndata: (.*)$/m;

const answerSchema = z.object({ result: z.looseObject({ isError: z.boolean().optional() }) });

/** One request as the case makes it; fails unless it is answered with a result, so that no error is ever measured. */
export async function answerTo(subject: Subject, benchCase: BenchCase): Promise<string> {
  const { statusCode, headers, body } = await request(`http://127.0.0.1:${subject.port}${subject.paths[0] ?? '/'}`, {
    method: 'POST',
    headers: benchCase.headers,
    body: benchCase.body,
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const parsed = answerSchema.safeParse(parseJson(text.match(EVENT)?.[1] ?? text));
  if (statusCode !== 200 || !parsed.success || parsed.data.result.isError === true) {
    throw new Error(`${subject.name} answers ${benchCase.name} with ${statusCode}: ${text.slice(0, 600)}`);
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
