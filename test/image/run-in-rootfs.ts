import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { UnpackedImage } from './unpacked-image.ts';

/**
 * Runs the image's entry point on its unpacked file system and nothing else, as its user: by `chroot` as root, in a user
 * namespace of its own otherwise. Where the kernel allows neither, the test is skipped and says so.
 */
const run = promisify(execFile);
const TIME = 120_000;

export function makeImageFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'crisp-mcp-image-'));
}

export async function runInRootfs(
  context: { skip: (why: string) => void },
  { rootfs, configuration }: UnpackedImage,
  argv: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const { Entrypoint, User, Env } = configuration.config;
  const enter = await wayIn(rootfs, User);
  if (enter === undefined) context.skip('neither root nor user namespaces: the image cannot be entered here');
  const [program = '', ...first] = enter ?? [];
  const env = Object.fromEntries(
    Env.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  return run(program, [...first, ...Entrypoint, ...argv], { env, timeout: TIME });
}

async function wayIn(rootfs: string, user: string): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return ['/usr/sbin/chroot', `--userspec=${user}`, rootfs];
  const unshare = ['/usr/bin/unshare', '--user', '--map-root-user', `--root=${rootfs}`];
  const works = await run(unshare[0] ?? '', [...unshare.slice(1), '/nodejs/bin/node', '--version'], {
    timeout: TIME,
  }).then(
    () => true,
    () => false,
  );
  return works ? unshare : undefined;
}
