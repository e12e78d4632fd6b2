import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The programs that the tests start and that npm does not bring: what each is called, which variable names it, how it
 * is built from `tools/` and where its official release lies. Versions are read from `tools/go.mod`, the one place that
 * pins them.
 */
export const PROGRAM_NAMES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

export interface Versions {
  /** Like `v1.36.3`. */
  readonly kubernetes: string;
  readonly etcd: string;
}

export interface Platform {
  /** As Go names them: `linux`, `darwin`; `amd64`, `arm64`. */
  readonly os: string;
  readonly arch: string;
}

export const GO_PACKAGES: Readonly<Record<ProgramName, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/** `kube-apiserver` → `CRISP_MCP_TEST_KUBE_APISERVER`. */
export function environmentVariable(program: string): string {
  return `CRISP_MCP_TEST_${program.toUpperCase().replaceAll('-', '_')}`;
}

export async function pinnedVersions(toolsFolder: string): Promise<Versions> {
  const goMod = await readFile(join(toolsFolder, 'go.mod'), 'utf8');
  const version = (module: string): string => {
    const match = new RegExp(`^\\s*(?:require )?${module.replaceAll('.', '\\.')} (v\\S+)`, 'm').exec(goMod);
    if (match?.[1] === undefined) throw new Error(`tools/go.mod does not require ${module}`);
    return match[1];
  };
  return { kubernetes: version('k8s.io/kubernetes'), etcd: version('go.etcd.io/etcd/server/v3') };
}

export function currentPlatform(): Platform {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}

export interface Release {
  /** The file to fetch: the program itself, or an archive that contains it. */
  readonly url: string;
  /** A text with the file's SHA-256: alone, or on a line that ends with the file's name. */
  readonly checksumUrl: string;
  /** Path of the program inside a .tar.gz; absent when the file is the program. */
  readonly inArchive?: string;
}

export interface ReleaseSites {
  readonly kubernetes: string;
  readonly etcd: string;
}

export const OFFICIAL_SITES: ReleaseSites = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
};

/** The official release of a program, or `undefined` where none is made for the platform. */
export function releaseOf(
  program: ProgramName,
  versions: Versions,
  platform: Platform,
  sites: ReleaseSites,
): Release | undefined {
  if (platform.os !== 'linux' && program !== 'kubectl') return undefined;
  if (program === 'etcd') {
    const stem = `etcd-${versions.etcd}-${platform.os}-${platform.arch}`;
    const folder = `${sites.etcd}/${versions.etcd}`;
    return { url: `${folder}/${stem}.tar.gz`, checksumUrl: `${folder}/SHA256SUMS`, inArchive: `${stem}/etcd` };
  }
  const url = `${sites.kubernetes}/${versions.kubernetes}/bin/${platform.os}/${platform.arch}/${program}`;
  return { url, checksumUrl: `${url}.sha256` };
}
