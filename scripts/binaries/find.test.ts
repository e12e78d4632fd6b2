import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { findGo } from './build.ts';
import { cacheFolder, type FindOptions, findBinaries } from './find.ts';
import { PROGRAM_NAMES, pinnedVersions } from './programs.ts';

const TOOLS = fileURLToPath(new URL('../../tools', import.meta.url));
const NOWHERE = { kubernetes: 'http://127.0.0.1:1', etcd: 'http://127.0.0.1:1' };

let folder: string;
let said: string[];
let built: string[];
let options: FindOptions;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-'));
  said = [];
  built = [];
  options = {
    environment: { XDG_CACHE_HOME: join(folder, 'cache') },
    sites: NOWHERE,
    platform: { os: 'linux', arch: 'amd64' },
    say: (line) => said.push(line),
    patience: 500,
    build: async (program, target) => {
      built.push(program);
      writeProgram(target, `built ${program}`);
    },
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function writeProgram(path: string, text: string): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

describe('the programs are found', () => {
  test('where a variable names them, before all else', async () => {
    const etcd = writeProgram(join(folder, 'my-etcd'), 'mine');
    const assets = join(folder, 'assets');
    mkdirSync(assets);
    for (const name of PROGRAM_NAMES) writeProgram(join(assets, name), 'asset');
    const environment = { ...options.environment, KUBEBUILDER_ASSETS: assets, CRISP_MCP_TEST_ETCD: etcd };
    const found = await findBinaries({ ...options, environment });
    expect(found).toMatchObject({ etcd, kubectl: join(assets, 'kubectl') });
    expect(built).toEqual([]);
  });

  test('in part in KUBEBUILDER_ASSETS, the rest is built', async () => {
    const assets = join(folder, 'assets');
    mkdirSync(assets);
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) writeProgram(join(assets, name), 'asset');
    await findBinaries({ ...options, environment: { ...options.environment, KUBEBUILDER_ASSETS: assets } });
    expect(built).toEqual(['kube-controller-manager']);
  });

  test('in the cache the second time, without a word', async () => {
    await findBinaries(options);
    expect(built).toEqual([...PROGRAM_NAMES]);
    said.length = 0;
    const found = await findBinaries(options);
    expect(built).toHaveLength(PROGRAM_NAMES.length);
    expect(found.kubectl).toBe(join(await cacheFolder(options), 'kubectl'));
    expect(said).toEqual([]);
  });

  test('in the official release when its checksum is right', async () => {
    const file = Buffer.from('released');
    const origin = await serve((request, response) => {
      response.end(request.url?.endsWith('.sha256') ? createHash('sha256').update(file).digest('hex') : file);
    });
    const etcd = writeProgram(join(folder, 'my-etcd'), 'mine');
    const environment = { ...options.environment, CRISP_MCP_TEST_ETCD: etcd };
    const found = await findBinaries({ ...options, environment, sites: { ...NOWHERE, kubernetes: origin } });
    expect(readFileSync(found.kubectl, 'utf8')).toBe('released');
    expect(built).toEqual([]);
  });

  test('by building when a site hangs: it is asked once, not once a program', async () => {
    let asked = 0;
    const origin = await serve(() => {
      asked += 1;
    });
    await findBinaries({ ...options, sites: { kubernetes: origin, etcd: origin } });
    expect({ asked, built }).toEqual({ asked: 1, built: [...PROGRAM_NAMES] });
  });

  test('by building when a checksum is wrong; what was fetched is not used', async () => {
    const origin = await serve((request, response) => {
      response.end(request.url?.endsWith('.sha256') ? '0'.repeat(64) : 'evil');
    });
    const environment = { ...options.environment, CRISP_MCP_TEST_ETCD: writeProgram(join(folder, 'my-etcd'), 'mine') };
    const found = await findBinaries({ ...options, environment, sites: { ...NOWHERE, kubernetes: origin } });
    expect(readFileSync(found['kube-apiserver'], 'utf8')).toBe('built kube-apiserver');
    expect(said.join('\n')).toContain('it is not used');
  });

  test('although an earlier run was killed in the middle; what it left goes', async () => {
    const cache = await cacheFolder(options);
    mkdirSync(cache, { recursive: true });
    writeProgram(join(cache, 'etcd.123.part'), 'half');
    await findBinaries(options);
    expect(readdirSync(cache).sort()).toEqual([...PROGRAM_NAMES].sort());
  });

  test('once by two runs at the same time', async () => {
    const slow: FindOptions = {
      ...options,
      build: async (program, target) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        built.push(program);
        writeProgram(target, 'built');
      },
    };
    await Promise.all([findBinaries(slow), findBinaries(slow)]);
    expect(built).toEqual([...PROGRAM_NAMES]);
  });
});

describe('the search fails with a remedy', () => {
  test('when a variable names something that is no program', async () => {
    const environment = { ...options.environment, CRISP_MCP_TEST_KUBECTL: join(folder, 'nothing') };
    await expect(findBinaries({ ...options, environment })).rejects.toThrow(
      /CRISP_MCP_TEST_KUBECTL names .*nothing.*Remedy/s,
    );
  });

  test('when nothing can be downloaded and there is no Go', async () => {
    const go = findGo({ PATH: folder }, []);
    await expect(go).rejects.toThrow(/needs Go 1\.26 or newer \(none was found\).*Remedy.*KUBEBUILDER_ASSETS/s);
  });

  test('when Go is too old', async () => {
    writeProgram(join(folder, 'go'), '#!/bin/sh\necho go1.19.8\n');
    await expect(findGo({ PATH: folder }, [])).rejects.toThrow(/go is 1\.19.*Remedy/s);
  });

  test('when a build fails', async () => {
    const failing: FindOptions = { ...options, build: async () => Promise.reject(new Error('no space left')) };
    await expect(findBinaries(failing)).rejects.toThrow('no space left');
    expect(existsSync(join(await cacheFolder(options), 'lock'))).toBe(false);
  });
});

test('the cache folder changes with what decides its content, and with nothing else', async () => {
  const tools = join(folder, 'tools');
  cpSync(TOOLS, tools, { recursive: true });
  const own = await cacheFolder(options);
  expect(await cacheFolder({ ...options, toolsFolder: tools })).toBe(own);
  writeFileSync(join(tools, 'go.sum'), `${readFileSync(join(tools, 'go.sum'), 'utf8')}\n`);
  expect(await cacheFolder({ ...options, toolsFolder: tools })).not.toBe(own);
  expect(await cacheFolder({ ...options, platform: { os: 'linux', arch: 'arm64' } })).not.toBe(own);
});

test('the versions are the ones that tools/go.mod pins', async () => {
  expect(await pinnedVersions(TOOLS)).toEqual({
    kubernetes: expect.stringMatching(/^v1\.\d+\.\d+$/),
    etcd: expect.stringMatching(/^v3\.\d+\.\d+$/),
  });
});
