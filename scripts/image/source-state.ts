import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Provenance } from './image-description.ts';

/**
 * What is being built: package.json's words, the commit and its time. `SOURCE_DATE_EPOCH` overrides the time, as the
 * reproducible-builds specification says; outside a git checkout it is the only source, and 1970 without it.
 */
export interface SourceState extends Provenance {
  /** Seconds since 1970. */
  readonly epoch: number;
}

const Package = z.object({
  version: z.string(),
  description: z.string(),
  license: z.string(),
  repository: z.object({ url: z.string() }),
});

export async function sourceState(root: string, environment: NodeJS.ProcessEnv = process.env): Promise<SourceState> {
  const described = Package.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const commit = await git(root, ['log', '-1', '--format=%H %ct']);
  const [hash, time] = commit?.split(' ') ?? [];
  const changed = hash === undefined ? '' : await git(root, ['status', '--porcelain', '--untracked-files=no']);
  return {
    version: described.version,
    description: described.description,
    license: described.license,
    source: described.repository.url.replace(/^git\+/, '').replace(/\.git$/, ''),
    revision: hash === undefined ? undefined : `${hash}${changed === '' ? '' : '-dirty'}`,
    epoch: z.coerce
      .number()
      .int()
      .nonnegative()
      .parse(environment.SOURCE_DATE_EPOCH ?? time ?? 0),
  };
}

async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  try {
    // A checkout of another user's, as in a container, is refused by git unless it is named.
    const argv = ['-c', `safe.directory=${root}`, '-C', root, ...args];
    const { stdout } = await promisify(execFile)('git', argv, { timeout: 30_000 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
