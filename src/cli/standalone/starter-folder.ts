import { mkdir, mkdtemp, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rfc3339Seconds } from '../../resources/conditions.ts';

/**
 * The folder a first start leaves the user with: the example manifests, with their expiry times counted from now. A
 * folder that exists is never touched, not even to add what is missing.
 */
export interface StarterFolderOptions {
  readonly examples: string;
  readonly folder: string;
  /** Wall clock, milliseconds. */
  readonly now: number;
}

const MINUTE = 60_000;
const EXPIRIES: Readonly<Record<string, number>> = { IN_8_HOURS: 480 * MINUTE, IN_10_MINUTES: 10 * MINUTE };

/** Resolves to whether the folder was made. It appears whole or not at all. */
export async function ensureStarterFolder({ examples, folder, now }: StarterFolderOptions): Promise<boolean> {
  if (await exists(folder)) return false;
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const unfinished = await mkdtemp(join(parent, '.manifests-'));
  for (const name of (await readdir(examples)).sort()) {
    await writeFile(join(unfinished, name), withExpiries(await readFile(join(examples, name), 'utf8'), now));
  }
  await rename(unfinished, folder);
  return true;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Replaces `${IN_…}` by instants; other variables are left for the time of reading. */
function withExpiries(text: string, now: number): string {
  return text.replace(/\$\{(IN_[A-Z0-9_]+)\}/g, (whole, name: string) => {
    const fromNow = EXPIRIES[name];
    return fromNow === undefined ? whole : rfc3339Seconds(now + fromNow);
  });
}
