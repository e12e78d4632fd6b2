import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Release } from './programs.ts';

/**
 * Fetches one program of an official release and puts it in place only when its SHA-256 is the published one. Guarantees:
 * a site that refuses, hangs or goes silent in the middle is given up within `patience`; nothing half-written is ever
 * found under the final name.
 */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly code = 'DOWNLOAD_FAILED';
}

export interface DownloadOptions {
  /** Longest wait, in milliseconds, for an answer and for the next bytes of a file. */
  patience?: number;
  fetch?: typeof fetch;
}

export const PATIENCE = 4_000;

export async function download(release: Release, target: string, options: DownloadOptions = {}): Promise<void> {
  const expected = await publishedChecksum(release, options);
  const partial = `${target}.${process.pid}.part`;
  try {
    const actual = await fetchToFile(release.url, partial, options);
    if (actual !== expected) {
      throw new DownloadError(`${release.url} has SHA-256 ${actual}, but ${expected} is published; it is not used`);
    }
    const program = release.inArchive === undefined ? partial : await unpack(partial, release.inArchive);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(partial, { force: true });
    await rm(`${partial}.d`, { recursive: true, force: true });
  }
}

async function publishedChecksum(release: Release, options: DownloadOptions): Promise<string> {
  const text = await withPatience(release.checksumUrl, options, async (response) => await response.text());
  const file = basename(release.url);
  const lines = text.split('\n').map((line) => line.trim());
  const line = lines.find((candidate) => candidate.endsWith(` ${file}`) || /^[0-9a-f]{64}$/i.test(candidate));
  const checksum = line === undefined ? undefined : /^[0-9a-f]{64}/i.exec(line)?.[0];
  if (checksum === undefined) throw new DownloadError(`${release.checksumUrl} holds no SHA-256 for ${file}`);
  return checksum.toLowerCase();
}

async function fetchToFile(url: string, path: string, options: DownloadOptions): Promise<string> {
  const hash = createHash('sha256');
  await withPatience(url, options, async (response, alive) => {
    if (response.body === null) throw new DownloadError(`${url} answered without a body`);
    // Opened before and closed after, because a stream of files may still be opening one when its failure is known.
    const file = await open(path, 'w');
    try {
      for await (const chunk of response.body) {
        alive();
        hash.update(chunk);
        await file.appendFile(chunk);
      }
    } finally {
      await file.close();
    }
  });
  return hash.digest('hex');
}

/** One request that is aborted when `patience` passes without `alive` being called. */
async function withPatience<T>(
  url: string,
  options: DownloadOptions,
  consume: (response: Response, alive: () => void) => Promise<T>,
): Promise<T> {
  const patience = options.patience ?? PATIENCE;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`silent for ${patience} ms`)), patience);
  try {
    const response = await (options.fetch ?? fetch)(url, { signal: abort.signal });
    timer.refresh();
    if (!response.ok) throw new DownloadError(`${url} answered ${response.status}`);
    return await consume(response, () => timer.refresh());
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    throw new DownloadError(`${url} cannot be fetched: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function unpack(archive: string, path: string): Promise<string> {
  const folder = `${archive}.d`;
  await promisify(execFile)('sh', ['-c', 'mkdir -p "$1" && tar -xzf "$2" -C "$1" "$3"', 'sh', folder, archive, path]);
  return join(folder, path);
}
