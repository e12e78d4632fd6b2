import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from '../bootstrap/dependencies.mjs';
import { withLock } from '../bootstrap/lock.mjs';
import { say, withProgress } from '../bootstrap/progress.mjs';
import { cacheHome } from './find.ts';

/**
 * The MCP clients of other people that the gateway is tested with, and the official conformance suite: 200 MB that an
 * `npm ci` of this project should not bring. `test/clients/pinned/` pins them; they are installed into the cache under the hash
 * of that pin, once a machine, without running any script of theirs.
 */
const PINNED = fileURLToPath(new URL('../../test/clients/pinned', import.meta.url));
const FILES = ['package.json', 'package-lock.json', '.npmrc'] as const;

export interface ClientsOptions {
  environment?: NodeJS.ProcessEnv;
  say?: (line: string) => void;
  install?: (folder: string) => Promise<void>;
}

/** Their `node_modules`, if they are installed. */
export async function findClients(options: ClientsOptions = {}): Promise<string | undefined> {
  const modules = join(await cacheFolder(options), 'node_modules');
  return (await exists(modules)) ? modules : undefined;
}

/** Their `node_modules`, installed if need be. */
export async function prepareClients(options: ClientsOptions = {}): Promise<string> {
  const folder = await cacheFolder(options);
  const tell = options.say ?? say;
  const onWait = (seconds: number): void => tell(`Another run is installing the MCP clients ... ${seconds} s`);
  const install = options.install ?? ((target: string) => npm(target, INSTALL));
  await withLock(
    `${folder}.lock`,
    async () => {
      if (await exists(folder)) return;
      const partial = `${folder}.part`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      for (const file of FILES) await copyFile(join(PINNED, file), join(partial, file));
      await withProgress('Installing the MCP clients to test with', () => install(partial), { say: tell });
      await rename(partial, folder);
    },
    { onWait },
  );
  return join(folder, 'node_modules');
}

const INSTALL = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

async function cacheFolder({ environment = process.env }: ClientsOptions): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(PINNED, 'package-lock.json')));
  const key = `${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
  return join(cacheHome(environment), 'crisp-mcp-operator', 'clients', key);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
