import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedis } from './redis.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-'));
  environment = { PATH: folder };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const redisOf = (version: string): string => `echo "Redis server v=${version} sha=00000000:0 malloc=jemalloc bits=64"`;

test('the variable comes before the PATH', async () => {
  program('redis-server', redisOf('6.0.16'));
  const mine = program('mine', redisOf('7.2.4'));
  expect(await findRedis({ ...environment, CRISP_MCP_TEST_REDIS_SERVER: mine }, [])).toBe(mine);
});

test('one on the PATH is taken when it is new enough', async () => {
  const installed = program('redis-server', redisOf('7.0.15'));
  expect(await findRedis({ PATH: `/nowhere:${folder}` }, [])).toBe(installed);
});

test('one that is too old ends in a remedy', async () => {
  program('redis-server', redisOf('6.0.16'));
  await expect(findRedis(environment, [])).rejects.toThrow(/is Redis 6\.0, and 6\.2 or newer is needed.*Remedy/s);
});

test('the package is installed, after an update where the machine has no package lists yet', async () => {
  const installed = redisOf('7.0.15').replaceAll('"', '\\"');
  program('sudo', 'shift; exec "$@"');
  program(
    'apt-get',
    `echo "$1" >> ${folder}/calls
     case "$1" in
       update) : > ${folder}/lists ;;
       install) [ -e ${folder}/lists ] || exit 100
         printf '%s\\n' '#!/bin/sh' "${installed}" > ${folder}/redis-server && /bin/chmod +x ${folder}/redis-server ;;
     esac`,
  );
  expect(await findRedis(environment, [])).toBe(join(folder, 'redis-server'));
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('install\nupdate\ninstall\n');
});

test('a machine where apt-get may not be used gets the command to type', async () => {
  program('sudo', 'exit 1');
  program('apt-get', 'exit 100');
  await expect(findRedis(environment, [])).rejects.toThrow(
    /need a Redis server.*Remedy: .*(apt-get install|brew install)/s,
  );
});

test('a machine without apt-get gets a remedy', async () => {
  await expect(findRedis(environment, [])).rejects.toThrow(/neither one nor apt-get.*Remedy/s);
});
