import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchProcess, startProcess } from './bench-process.ts';
import { portOf, type Subject } from './subjects.ts';
import { SMALL_PATH } from './workload.ts';

/**
 * Other ways to serve the same tools from Node, on the same upstream. Those that are no dependency of ours are installed
 * into a cache folder, in fixed versions, the first time; without a network they are left out and the reason is told.
 */
export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly path: string;
  readonly program: string;
  readonly packages?: readonly string[];
}

export const PEERS: readonly Peer[] = [
  { name: 'sdkV2', title: 'MCP SDK v2, its handler', path: '/', program: 'sdk-v2-handler.ts' },
  { name: 'sdkV1Express', title: 'MCP SDK v1 + express', path: '/', program: 'sdk-v1-express.ts' },
  {
    name: 'honoMcp',
    title: '@hono/mcp',
    path: '/',
    program: 'hono-mcp.mjs',
    packages: [
      '@hono/mcp@0.3.2',
      '@hono/node-server@2.1.9',
      '@modelcontextprotocol/sdk@1.32.2',
      'hono@4.13.19',
      'hono-rate-limiter@0.5.4',
      'undici@8.13.1',
      'zod@4.6.7',
    ],
  },
  {
    name: 'fastmcp',
    title: 'fastmcp',
    path: '/mcp',
    program: 'fastmcp.mjs',
    packages: ['fastmcp@4.20.16', 'undici@8.13.1', 'zod@4.6.7'],
  },
];

const INSTALL_TIMEOUT_MS = 120_000;

export interface PeerPlan {
  readonly folder: string;
  readonly upstream: string;
  /** The `tools` of the gateway's answer, as JSON. */
  readonly tools: string;
}

/** The peer as a subject, or a sentence why there is none. */
export async function startPeer(peer: Peer, plan: PeerPlan): Promise<Subject | string> {
  const toolsFile = join(plan.folder, 'tools.json');
  writeFileSync(toolsFile, plan.tools);
  let started: BenchProcess | undefined;
  try {
    started = startProcess({
      program: programOf(peer),
      args: [plan.upstream, SMALL_PATH, toolsFile],
      core: 0,
      outputFile: join(plan.folder, `${peer.name}.log`),
    });
    return { name: peer.name, port: await portOf(started), process: started, paths: [peer.path] };
  } catch (error) {
    started?.kill();
    return `${peer.title} is left out: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`;
  }
}

function programOf(peer: Peer): string {
  const source = fileURLToPath(new URL(`peers/${peer.program}`, import.meta.url));
  if (peer.packages === undefined) return source;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'crisp-mcp-bench', peer.name);
  mkdirSync(cache, { recursive: true });
  const wanted = JSON.stringify({ private: true, dependencies: versions(peer.packages) });
  const manifest = join(cache, 'package.json');
  if (!existsSync(join(cache, 'installed'))) {
    writeFileSync(manifest, wanted);
    const flags = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
    execFileSync('npm', flags, { cwd: cache, stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS });
    writeFileSync(join(cache, 'installed'), '');
  }
  const copy = join(cache, peer.program);
  copyFileSync(source, copy);
  return copy;
}

function versions(packages: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    packages.map((each) => {
      const at = each.lastIndexOf('@');
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}
