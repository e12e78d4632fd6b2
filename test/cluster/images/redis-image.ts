import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isProgram } from '../../../scripts/binaries/find.ts';
import { findRedis } from '../../../scripts/binaries/redis.ts';
import { SetupError } from '../../../scripts/bootstrap/setup-error.mjs';
import { sharedLibraries } from '../../../scripts/image/shared-libraries.ts';
import type { TarEntry } from '../../../scripts/image/tar.ts';
import { cachedImage } from './cached-image.ts';

/** The Redis of this machine as an image, with what the official one has that the chart relies on: its two programs. */
export const REDIS_IMAGE = { repository: 'docker.io/library/redis', tag: 'of-this-machine' };

export async function redisImage(): Promise<string> {
  const server = await findRedis();
  const client = join(dirname(server), 'redis-cli');
  if (!(await isProgram(client))) {
    throw new SetupError(`There is no redis-cli beside ${server}.\nRemedy: install the distribution's redis-tools.`);
  }
  const programs = { 'redis-server': await realpath(server), 'redis-cli': await realpath(client) };
  const hash = createHash('sha256');
  for (const path of Object.values(programs)) hash.update(await readFile(path));
  return await cachedImage({
    name: `${REDIS_IMAGE.repository}:${REDIS_IMAGE.tag}`,
    key: [hash.digest('hex')],
    config: { Entrypoint: ['/usr/bin/redis-server'], Env: ['PATH=/usr/bin'], User: '999:999', WorkingDir: '/data' },
    layers: async () => [{ comment: 'redis', entries: await entriesOf(programs) }],
  });
}

async function entriesOf(programs: Readonly<Record<string, string>>): Promise<TarEntry[]> {
  const entries = new Map<string, TarEntry>();
  for (const [name, source] of Object.entries(programs)) {
    const path = `/usr/bin/${name}`;
    entries.set(path, { path, content: { kind: 'file', source }, mode: 0o755 });
    for (const library of await sharedLibraries(source)) entries.set(library.path, library);
  }
  const passwords = 'root:x:0:0:root:/root:/bin/false\nredis:x:999:999::/data:/bin/false\n';
  for (const path of ['/data', '/tmp']) entries.set(path, { path, content: { kind: 'directory' }, mode: 0o777 });
  entries.set('/etc/passwd', { path: '/etc/passwd', content: { kind: 'text', text: passwords } });
  return [...entries.values()];
}
