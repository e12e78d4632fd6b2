import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type BenchProcess, pinning } from './bench-process.ts';
import type { LoadOrder, LoadResult } from './load-generator.ts';

/**
 * Where the load comes from. The targets were set with wrk, which reads as other clients do and needs little of its core;
 * the generator in Node needs nothing to be installed. Their ratios differ where answers are large, so that a figure is
 * worth as much as the name of the generator beside it.
 */
export interface Generator {
  readonly name: 'wrk' | 'node';
  run(order: LoadOrder): Promise<LoadResult>;
}

const resultSchema = z.object({
  requests: z.number(),
  failures: z.number(),
  firstFailure: z.string(),
  bytes: z.number(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

export const hasWrk = spawnSync('wrk', ['-v']).error === undefined;

export function nodeGenerator(process: BenchProcess): Generator {
  return { name: 'node', run: async (order) => resultSchema.parse(await process.ask({ order })) };
}

const run = promisify(execFile);

/** Takes orders for a time; `other` takes those for a number of requests, which wrk does not know. */
export function wrkGenerator(script: string, other: Generator): Generator {
  return {
    name: 'wrk',
    async run(order) {
      const { until, connections, port, paths } = order;
      if ('requests' in until) return other.run(order);
      writeFileSync(script, luaScript(order));
      const seconds = Math.max(1, Math.round(until.milliseconds / 1_000));
      const url = `http://127.0.0.1:${port}${paths[0] ?? '/'}`;
      const wrk = ['wrk', '-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, url];
      const [command = '', ...args] = pinning ? ['taskset', '-c', '1', ...wrk] : wrk;
      const { stdout } = await run(command, args);
      return resultSchema.parse(JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)));
    },
  };
}

function luaScript({ headers, body, paths }: LoadOrder): string {
  const quoted = (text: string) => `[==[${text}]==]`;
  const turns = `
local paths = {${paths.map(quoted).join(',')}}
local requests, turn = {}, 0
init = function()
  for i, path in ipairs(paths) do requests[i] = wrk.format(nil, path) end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end`;
  return `wrk.method = 'POST'
wrk.body = ${quoted(body)}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${quoted(name)} ] = ${quoted(value)}`)
  .join('\n')}
${paths.length > 1 ? turns : ''}
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"failures":%d,"firstFailure":"connect %d read %d write %d timeout %d status %d","bytes":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f}',
    summary.requests, e.connect + e.read + e.write + e.timeout + e.status,
    e.connect, e.read, e.write, e.timeout, e.status,
    summary.bytes, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
`;
}
