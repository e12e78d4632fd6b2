import { findGoProgram, PLAIN_RECIPE } from './go-program.ts';
import type { Platform, Release } from './programs.ts';

/** actionlint, which knows what a workflow may say; the version is pinned in `tools/actionlint`. */
export function findActionlint(): Promise<string> {
  return findGoProgram({
    name: 'actionlint',
    module: 'actionlint',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    versionOf: 'github.com/rhysd/actionlint',
    recipe: () => PLAIN_RECIPE,
    release: releaseOf,
  });
}

function releaseOf(version: string, { os, arch }: Platform): Release {
  const number = version.replace(/^v/, '');
  const folder = `https://github.com/rhysd/actionlint/releases/download/${version}`;
  const url = `${folder}/actionlint_${number}_${os}_${arch}.tar.gz`;
  return { url, checksumUrl: `${folder}/actionlint_${number}_checksums.txt`, inArchive: 'actionlint' };
}
