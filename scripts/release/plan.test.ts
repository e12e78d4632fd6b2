import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  bomCommands,
  chartCommands,
  imageCommands,
  mismatches,
  publishCommands,
  pushedDigest,
  type Release,
  signCommands,
} from './plan.ts';

const RELEASE: Release = {
  version: '1.2.3',
  revision: 'abc',
  source: 'https://github.com/owner/name',
  registry: 'ghcr.io/owner',
  folder: 'dist-release',
};
const DIGEST = `sha256:${'a'.repeat(64)}`;

test('the image is built for both architectures, with provenance, from this commit', () => {
  const [command] = imageCommands(RELEASE);
  expect(command).toEqual(
    expect.arrayContaining([
      '--platform=linux/amd64,linux/arm64',
      '--tag=ghcr.io/owner/crisp-mcp:1.2.3',
      '--build-arg=REVISION=abc',
      '--provenance=mode=max',
      '--push',
    ]),
  );
});

test('its arguments are those that the Dockerfile declares', async () => {
  const dockerfile = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
  const declared = [...dockerfile.matchAll(/^ARG (\w+)/gm)].map((match) => match[1]);
  const given = imageCommands(RELEASE)
    .flat()
    .flatMap((word) => /^--build-arg=(\w+)=/.exec(word)?.[1] ?? []);
  expect(given.sort()).toEqual(declared.sort());
});

test('signed is what the registry took, by digest and never by tag', () => {
  const commands = signCommands(RELEASE, { image: DIGEST, chart: DIGEST });
  expect(commands.map((command) => command.at(-1))).toEqual([
    `ghcr.io/owner/crisp-mcp@${DIGEST}`,
    `ghcr.io/owner/crisp-mcp@${DIGEST}`,
    `ghcr.io/owner/charts/crisp-mcp@${DIGEST}`,
  ]);
});

test('the chart that is pushed, and published, is the one that was packed', () => {
  const [, push] = chartCommands(RELEASE);
  const [publish] = publishCommands(RELEASE);
  expect(push?.[2]).toBe('dist-release/crisp-mcp-1.2.3.tgz');
  expect(publish).toContain(push?.[2]);
  expect(publish).toContain(bomCommands(RELEASE)[0]?.at(-1));
});

test('versions of tag, package and chart must agree', () => {
  expect(mismatches('v1.2.3', { package: '1.2.3', chart: '1.2.3', chartApp: '1.2.3' })).toEqual([]);
  expect(mismatches('v1.2.3', { package: '1.2.2', chart: '1.2.3', chartApp: '1.2.3' })).toEqual([
    'package.json is 1.2.2, the tag says 1.2.3',
  ]);
  expect(mismatches('latest', { package: '1', chart: '1', chartApp: '1' })[0]).toContain('not like v1.2.3');
});

test('those of this checkout do', async () => {
  const root = join(import.meta.dirname, '../..');
  const version = z.object({ version: z.string() });
  const own = version.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))).version;
  const Chart = version.extend({ appVersion: z.string() });
  const chart = Chart.parse(parse(await readFile(join(root, 'charts/crisp-mcp/Chart.yaml'), 'utf8')));
  expect(mismatches(`v${own}`, { package: own, chart: chart.version, chartApp: chart.appVersion })).toEqual([]);
});

test('the digest of a chart is what helm push says', () => {
  expect(pushedDigest(`Pushed: ghcr.io/owner/charts/crisp-mcp:1.2.3\nDigest: ${DIGEST}\n`)).toBe(DIGEST);
  expect(() => pushedDigest('Error: denied')).toThrow('named no digest');
});
