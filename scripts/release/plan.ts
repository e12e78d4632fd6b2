/**
 * What each step of a release runs, as data: pure, so that a test sees every command and `--dry-run` can print it. Image
 * and chart are signed by the digest that a registry gave them, never by a tag, which can move.
 */
export interface Release {
  readonly version: string;
  readonly revision: string;
  /** `https://github.com/owner/name`. */
  readonly source: string;
  /** `ghcr.io/owner`, in lower case. */
  readonly registry: string;
  /** Where the steps leave what the next ones read. */
  readonly folder: string;
}

export type Command = readonly [string, ...string[]];

export function imageName(release: Release): string {
  return `${release.registry}/crisp-mcp`;
}

export function chartName(release: Release): string {
  return `${release.registry}/charts/crisp-mcp`;
}

export function files({ folder, version }: Release) {
  return {
    imageMetadata: `${folder}/image.json`,
    chart: `${folder}/crisp-mcp-${version}.tgz`,
    bom: `${folder}/crisp-mcp-${version}.cdx.json`,
    notes: `${folder}/notes.md`,
  };
}

export function imageCommands(release: Release): Command[] {
  const { version, revision, source } = release;
  return [
    [
      'docker',
      'buildx',
      'build',
      '--platform=linux/amd64,linux/arm64',
      `--tag=${imageName(release)}:${version}`,
      `--build-arg=VERSION=${version}`,
      `--build-arg=REVISION=${revision}`,
      `--build-arg=SOURCE=${source}`,
      '--provenance=mode=max',
      '--sbom=true',
      `--metadata-file=${files(release).imageMetadata}`,
      '--push',
      '.',
    ],
  ];
}

export function chartCommands(release: Release): Command[] {
  const { version, folder, registry } = release;
  return [
    ['helm', 'package', 'charts/crisp-mcp', '--version', version, '--app-version', version, '--destination', folder],
    ['helm', 'push', files(release).chart, `oci://${registry}/charts`],
  ];
}

/** Of the application; that of the base image, which this machine does not have, is attached by the build. */
export function bomCommands(release: Release): Command[] {
  return [['node', 'scripts/sbom.ts', '--application', files(release).bom]];
}

export function signCommands(release: Release, digests: { image: string; chart: string }): Command[] {
  const image = `${imageName(release)}@${digests.image}`;
  return [
    ['cosign', 'sign', '--yes', '--recursive', image],
    ['cosign', 'attest', '--yes', '--type', 'cyclonedx', '--predicate', files(release).bom, image],
    ['cosign', 'sign', '--yes', `${chartName(release)}@${digests.chart}`],
  ];
}

export function publishCommands(release: Release): Command[] {
  const { chart, bom, notes } = files(release);
  const tag = `v${release.version}`;
  return [['gh', 'release', 'create', tag, '--verify-tag', '--title', tag, '--notes-file', notes, chart, bom]];
}

/** What does not fit together; a release is only made of nothing. */
export function mismatches(tag: string, versions: { package: string; chart: string; chartApp: string }): string[] {
  const expected = tag.replace(/^v/, '');
  if (!/^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(tag)) return [`the tag ${tag} is not like v1.2.3`];
  const named = {
    'package.json': versions.package,
    'version in Chart.yaml': versions.chart,
    'appVersion in Chart.yaml': versions.chartApp,
  };
  return Object.entries(named)
    .filter(([, version]) => version !== expected)
    .map(([where, version]) => `${where} is ${version}, the tag says ${expected}`);
}

const DIGEST = /\bsha256:[0-9a-f]{64}\b/;

/** From what `helm push` says: `Digest: sha256:…`. */
export function pushedDigest(output: string): string {
  const digest = DIGEST.exec(/^Digest:.*$/m.exec(output)?.[0] ?? '')?.[0];
  if (digest === undefined) throw new Error(`helm push named no digest:\n${output}`);
  return digest;
}
