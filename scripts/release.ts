import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { sourceState } from './image/source-state.ts';
import { releaseNotes } from './release/notes.ts';
import {
  bomCommands,
  type Command,
  chartCommands,
  chartName,
  files,
  imageCommands,
  imageName,
  mismatches,
  publishCommands,
  pushedDigest,
  type Release,
  signCommands,
} from './release/plan.ts';

/** The steps of a release, each of which the workflow runs and a person can. */
const USAGE = `Usage: npm run release -- STEP [--dry-run]

  check     versions of tag, package and chart agree, and CHANGELOG.md has a section; writes the notes
  image     builds the image for both architectures and pushes it (docker buildx)
  chart     packs the chart and pushes it (helm)
  sbom      writes the bill of materials
  sign      signs image and chart by digest, attests the bill of materials (cosign)
  publish   the release with notes, chart and bill of materials (gh)

--dry-run prints the commands. RELEASE_TAG (default: v and package.json's version) and RELEASE_REGISTRY (default:
ghcr.io/crisp-mcp) say which release and where to. Docker, helm and cosign must be logged in to the registry.`;

const root = join(import.meta.dirname, '..');
const [step = '', flag] = process.argv.slice(2);
const dryRun = flag === '--dry-run';
const DRY_DIGEST = `sha256:${'0'.repeat(64)}`;

async function main(): Promise<void> {
  const source = await sourceState(root);
  const tag = process.env.RELEASE_TAG || `v${source.version}`;
  const release: Release = {
    version: tag.replace(/^v/, ''),
    revision: source.revision ?? 'unknown',
    source: source.source,
    registry: (process.env.RELEASE_REGISTRY || 'ghcr.io/crisp-mcp').toLowerCase(),
    folder: 'dist-release',
  };
  if (!dryRun) await mkdir(join(root, release.folder), { recursive: true });
  const environment = { SOURCE_DATE_EPOCH: String(source.epoch) };
  switch (step) {
    case 'check':
      return check(tag, release);
    case 'image': {
      await runAll(imageCommands(release), environment);
      return output({ image: imageName(release), image_digest: await imageDigest(release) });
    }
    case 'chart': {
      const said = await runAll(chartCommands(release), environment);
      const digest = dryRun ? DRY_DIGEST : pushedDigest(said);
      if (!dryRun) await writeFile(chartDigestFile(release), digest);
      return output({ chart: chartName(release), chart_digest: digest });
    }
    case 'sbom':
      await runAll(bomCommands(release), environment);
      return;
    case 'sign': {
      const chart = dryRun ? DRY_DIGEST : await readFile(chartDigestFile(release), 'utf8');
      await runAll(signCommands(release, { image: await imageDigest(release), chart }), environment);
      return;
    }
    case 'publish':
      await runAll(publishCommands(release), environment);
      return;
    default:
      console.error(USAGE);
      process.exitCode = step === '--help' ? 0 : 2;
  }
}

async function check(tag: string, release: Release): Promise<void> {
  const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  const Versioned = z.object({ version: z.string(), appVersion: z.string().optional() });
  const own = Versioned.parse(JSON.parse(await text('package.json')));
  const chart = Versioned.parse(parse(await text('charts/crisp-mcp/Chart.yaml')));
  const versions = { package: own.version, chart: chart.version, chartApp: chart.appVersion ?? '' };
  const wrong = mismatches(tag, versions);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  const changelog = await text('CHANGELOG.md');
  // Before its release a version's section is still called so.
  const notes = releaseNotes(changelog, dryRun ? 'Unreleased' : release.version);
  if (dryRun) console.log(notes);
  else await writeFile(join(root, files(release).notes), notes);
}

/** Runs one after the other, up to the first that fails; returns all that they said. */
async function runAll(commands: readonly Command[], environment: Readonly<Record<string, string>>): Promise<string> {
  let said = '';
  for (const [program, ...argv] of commands) {
    console.error(`> ${[program, ...argv].join(' ')}`);
    if (!dryRun) said += await run(program, argv, environment);
  }
  return said;
}

async function run(
  program: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const env = { ...process.env, ...environment };
  const child = spawn(program, argv, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      process.stderr.write(chunk);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${argv[0]} ended with exit code ${code}`);
  return said;
}

async function imageDigest(release: Release): Promise<string> {
  if (dryRun) return DRY_DIGEST;
  const text = await readFile(join(root, files(release).imageMetadata), 'utf8');
  return z.object({ 'containerimage.digest': z.string() }).parse(JSON.parse(text))['containerimage.digest'];
}

function chartDigestFile(release: Release): string {
  return join(root, release.folder, 'chart-digest');
}

/** To the terminal, and to the workflow's later steps. */
async function output(values: Readonly<Record<string, string>>): Promise<void> {
  const text = Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
  process.stdout.write(text);
  if (process.env.GITHUB_OUTPUT) await appendFile(process.env.GITHUB_OUTPUT, text);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
