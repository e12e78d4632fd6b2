import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type BenchProcess, startProcess } from './gateway/bench-process.ts';
import { type BenchCase, CASES, type CaseName, type ReferenceName } from './gateway/cases.ts';
import { type Generator, hasWrk, nodeGenerator, wrkGenerator } from './gateway/generators.ts';
import { type Installation, install } from './gateway/installation.ts';
import { measureMemory, soak } from './gateway/memory.ts';
import { PEERS, startPeer } from './gateway/peers.ts';
import { type PeerRatio, print, type Report, toJson } from './gateway/report.ts';
import { compare, runRounds, type Turns } from './gateway/rounds.ts';
import { answerTo, portOf, type Subject, turn } from './gateway/subjects.ts';
import { LARGE_PATH, SMALL_PATH } from './gateway/workload.ts';

/**
 * How near the gateway is to the speed of the machine: the shipped program with everything on, against bare servers that
 * do the least that could answer, and against other MCP servers. Ratios come from interleaved rounds of one run; CPU
 * time a request is the steadier figure on a machine that does other things too. Needs only Node and redis-server.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    tenants: { type: 'string', default: '100000' },
    soak: { type: 'string', default: '0' },
    cases: { type: 'string' },
    generator: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    'no-memory': { type: 'boolean', default: false },
    'node-flags': { type: 'string', default: '' },
    profile: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:gateway -- [options]
  --rounds 7 --seconds 2    rounds, and how long each server has its turn in each
  --cases a,b               of ${CASES.map(({ name }) => name).join(', ')}
  --generator wrk|node      where the load comes from (default: wrk where it is installed)
  --tenants 100000          routes loaded to measure memory
  --soak 200000             requests of a long run over 2,000 tenants (default: none)
  --no-peers, --no-memory   leave these out
  --node-flags FLAGS        for the gateway, to see what they change
  --profile FOLDER          instead: a CPU profile of the gateway for each case
  --json FILE`);
  process.exit(0);
}
const rounds = Number(values.rounds);
const milliseconds = Number(values.seconds) * 1_000;
const chosen = values.cases?.split(',');
const cases = CASES.filter(({ name }) => chosen === undefined || chosen.includes(name));
const MANY_TENANTS = 2_000;
const WARM_MS = 1_500;
/** By then V8 may let its young generation grow, see src/process/young-generation.ts. */
const SETTLES_MS = 6_000;
/** Peers are far away from the others, so that fewer rounds tell. */
const PEER_ROUNDS = 3;

const toolsSchema = z.object({ result: z.object({ tools: z.array(z.unknown()) }) });
const loadBefore = loadavg();
const progress = (text: string) => console.error(text);

progress('building the program, starting Redis');
const upstreamProcess = helper('upstream.ts', [], 1, '/dev/null');
const upstream = `http://127.0.0.1:${await portOf(upstreamProcess)}`;
const nodeFlags = values['node-flags'].split(' ').filter(Boolean);
const installation = await install(upstream);
let exitCode = 0;
try {
  const generator = chooseGenerator(installation.folder);
  if (values.profile === undefined) await bench(generator);
  else await profile(generator, values.profile);
} catch (error) {
  console.error(error);
  exitCode = 1;
} finally {
  await installation.close();
}
process.exit(exitCode);

async function bench(generator: Generator): Promise<void> {
  const gateway = await gatewaySubject(installation);
  const first = CASES[0];
  if (first === undefined) throw new Error('there are no cases');
  const listed = await answerTo(gateway, first);
  const references = await startReferences(installation, listed);
  for (const benchCase of cases) await answerTo(gateway, benchCase);
  const turns = await runRounds({
    generator,
    cases: cases.map((benchCase) => ({ benchCase, subjects: [gateway, references[benchCase.reference]] })),
    rounds,
    milliseconds,
    progress,
  });
  const redisReadsPerRequest = await warmReads(installation, generator, gateway, first);
  const peers = values['no-peers']
    ? { ratios: {}, skipped: [] }
    : await benchPeers(generator, gateway, references, listed);
  for (const { process: started } of [gateway, ...Object.values(references)]) started.kill();

  const plan = { installation, generator, upstream, nodeFlags, progress };
  const memory = values['no-memory'] ? undefined : await measureMemory(plan, Number(values.tenants));
  const soakRequests = Number(values.soak);
  const soaked = soakRequests === 0 ? undefined : await soak(plan, soakRequests, MANY_TENANTS);
  const report: Report = {
    cases: cases.map((benchCase) => ({ benchCase, measured: measuredOf(turns, benchCase, 'gateway') })),
    peers: peers.ratios,
    skipped: peers.skipped,
    redisReadsPerRequest,
    memory,
    soak: soaked,
    rounds,
    seconds: milliseconds / 1_000,
    generator: generator.name,
    loadBefore,
  };
  print(report);
  if (values.json !== undefined) writeFileSync(values.json, `${toJson(report)}\n`);
}

async function gatewaySubject(site: Installation): Promise<Subject> {
  const gateway = await site.startGateway({ upstream, nodeFlags });
  const tokens = await site.addTenants(MANY_TENANTS);
  return { name: 'gateway', ...gateway, paths: tokens.map((token) => `/mcp/${token}`) };
}

async function startReferences(site: Installation, listed: string): Promise<Record<ReferenceName, Subject>> {
  const constantFile = join(site.folder, 'constant.json');
  writeFileSync(constantFile, listed);
  const reference = async (name: ReferenceName, args: readonly string[]): Promise<Subject> => {
    const started = helper('references.ts', [name, ...args], 0, join(site.folder, `${name}.log`));
    return { name, port: await portOf(started), process: started, paths: ['/mcp/reference'] };
  };
  return {
    constant: await reference('constant', [constantFile]),
    echo: await reference('echo', []),
    proxy: await reference('proxy', [upstream, SMALL_PATH]),
    pipe: await reference('pipe', [upstream, LARGE_PATH]),
  };
}

function chooseGenerator(folder: string): Generator {
  const ofNode = nodeGenerator(helper('load-generator.ts', [], 1, join(folder, 'generator.log')));
  const wanted = values.generator ?? (hasWrk ? 'wrk' : 'node');
  if (wanted !== 'wrk') return ofNode;
  if (!hasWrk) throw new Error('wrk is not installed; leave --generator out, or give --generator node');
  return wrkGenerator(join(folder, 'load.lua'), ofNode);
}

function helper(program: string, args: readonly string[], core: 0 | 1, outputFile: string): BenchProcess {
  const path = fileURLToPath(new URL(`gateway/${program}`, import.meta.url));
  return startProcess({ program: path, args, core, outputFile });
}

function measuredOf(turns: Turns, benchCase: BenchCase, subject: string) {
  const ofCase = turns.get(benchCase.name);
  return compare(ofCase?.get(subject) ?? [], ofCase?.get(benchCase.reference) ?? []);
}

/** All tenants are in the cache by then, or this turn puts them there. */
async function warmReads(site: Installation, generator: Generator, gateway: Subject, list: BenchCase) {
  const many = { ...list, manyTenants: true };
  await turn(generator, gateway, many, WARM_MS);
  await turn(generator, gateway, many, WARM_MS);
  const before = await site.redisReads();
  const { perSecond } = await turn(generator, gateway, many, WARM_MS);
  const reads = (await site.redisReads()) - before;
  return reads / Math.round((perSecond * WARM_MS) / 1_000);
}

async function benchPeers(
  generator: Generator,
  gateway: Subject,
  references: Record<ReferenceName, Subject>,
  listed: string,
) {
  const ratios: Record<string, Partial<Record<CaseName, PeerRatio>>> = {};
  const skipped: string[] = [];
  const tools = JSON.stringify(toolsSchema.parse(JSON.parse(listed)).result.tools);
  for (const peer of PEERS) {
    progress(peer.title);
    const subject = await startPeer(peer, { folder: installation.folder, upstream, tools });
    if (typeof subject === 'string') {
      skipped.push(subject);
      continue;
    }
    const withPeers = cases.filter((benchCase) => benchCase.peers);
    const measured: Partial<Record<CaseName, PeerRatio>> = {};
    ratios[peer.name] = measured;
    try {
      for (const benchCase of withPeers) await answerTo(subject, benchCase);
      const turns = await runRounds({
        generator,
        cases: withPeers.map((benchCase) => ({
          benchCase,
          subjects: [subject, gateway, references[benchCase.reference]],
        })),
        rounds: Math.min(rounds, PEER_ROUNDS),
        milliseconds,
        progress: () => undefined,
      });
      for (const benchCase of withPeers) {
        const { ratio, iqr, cpuRatio } = measuredOf(turns, benchCase, peer.name);
        const ofCase = turns.get(benchCase.name);
        const versus = compare(ofCase?.get('gateway') ?? [], ofCase?.get(peer.name) ?? []);
        measured[benchCase.name] = { ratio, iqr, cpuRatio, gatewayTimes: versus.ratio };
      }
    } catch (error) {
      skipped.push(`${peer.title} failed: ${error instanceof Error ? error.message.slice(0, 600) : String(error)}`);
    } finally {
      subject.process.kill();
    }
  }
  return { ratios, skipped };
}

async function profile(generator: Generator, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const gateway = await gatewaySubject(installation);
  await delay(SETTLES_MS);
  for (const benchCase of cases) {
    await answerTo(gateway, benchCase);
    await turn(generator, gateway, benchCase, WARM_MS);
    await gateway.process.startProfile();
    const { cpuMicrosPerRequest } = await turn(generator, gateway, benchCase, milliseconds);
    const file = join(folder, `${benchCase.name}.cpuprofile`);
    writeFileSync(file, await gateway.process.stopProfile());
    console.log(`${benchCase.name}: ${Math.round(cpuMicrosPerRequest)} us CPU a request, profile in ${file}`);
  }
}
