import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type FindGoProgramOptions, findGoProgram, type GoProgram, PLAIN_RECIPE } from './go-program.ts';

let folder: string;
let built: string[];
let said: string[];
let options: FindGoProgramOptions;

const program: GoProgram = {
  name: 'steward',
  module: 'steward',
  package: './cmd/steward',
  versionOf: 'example.com/steward',
  recipe: () => PLAIN_RECIPE,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'go-program-'));
  built = [];
  said = [];
  mkdirSync(join(folder, 'tools/steward'), { recursive: true });
  writeFileSync(join(folder, 'tools/steward/go.mod'), 'module x\n\nrequire example.com/steward v1.2.3\n');
  options = {
    environment: { XDG_CACHE_HOME: join(folder, 'cache') },
    toolsFolder: join(folder, 'tools'),
    platform: { os: 'linux', arch: 'amd64' },
    patience: 500,
    say: (line) => said.push(line),
    build: async (request) => {
      built.push(`${request.program} from ${request.package}`);
      writeProgram(request.target, 'built');
    },
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function writeProgram(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

describe('the program is found', () => {
  test('where its variable names it', async () => {
    const mine = writeProgram(join(folder, 'mine'), '');
    const environment = { ...options.environment, CRISP_MCP_TEST_STEWARD: mine };
    expect(await findGoProgram(program, { ...options, environment })).toBe(mine);
    expect(built).toEqual([]);
  });

  test('in the cache the second time, without a word', async () => {
    const first = await findGoProgram(program, options);
    said.length = 0;
    expect(await findGoProgram(program, options)).toBe(first);
    expect({ built, said }).toEqual({ built: ['steward from ./cmd/steward'], said: [] });
  });

  test('in a release whose checksum is right', async () => {
    const file = Buffer.from('released');
    const server = createServer((request, response) => {
      response.end(request.url?.endsWith('.sha256') ? createHash('sha256').update(file).digest('hex') : file);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/steward`;
    const released = { ...program, release: () => ({ url, checksumUrl: `${url}.sha256` }) };
    expect(readFileSync(await findGoProgram(released, options), 'utf8')).toBe('released');
    expect(built).toEqual([]);
  });

  test('by building when the release cannot be had', async () => {
    const url = 'http://127.0.0.1:1/steward';
    const released = { ...program, release: () => ({ url, checksumUrl: `${url}.sha256` }) };
    expect(readFileSync(await findGoProgram(released, options), 'utf8')).toBe('built');
    expect(said.join('\n')).toContain('steward is built instead');
  });

  test('by building, without a question to any site, when nothing may be fetched', async () => {
    const environment = { ...options.environment, CRISP_MCP_TEST_DOWNLOAD: 'never' };
    const released = {
      ...program,
      release: () => ({ url: 'http://127.0.0.1:1/x', checksumUrl: 'http://127.0.0.1:1/y' }),
    };
    const download = () => Promise.reject(new Error('asked'));
    expect(readFileSync(await findGoProgram(released, { ...options, environment, download }), 'utf8')).toBe('built');
    expect(said.join('\n')).not.toContain('asked');
  });

  test('anew when its module changes', async () => {
    const first = await findGoProgram(program, options);
    writeFileSync(join(folder, 'tools/steward/main.go'), 'package main\n');
    expect(await findGoProgram(program, options)).not.toBe(first);
    expect(built).toHaveLength(2);
  });

  test('once by two runs at the same time', async () => {
    await Promise.all([findGoProgram(program, options), findGoProgram(program, options)]);
    expect(built).toHaveLength(1);
  });
});

describe('the search fails', () => {
  test('with the remedy when the variable names no program', async () => {
    const environment = { ...options.environment, CRISP_MCP_TEST_STEWARD: join(folder, 'nothing') };
    const search = findGoProgram(program, { ...options, environment });
    await expect(search).rejects.toThrow(/CRISP_MCP_TEST_STEWARD names .*nothing.*Remedy/s);
  });

  test('when the build fails, and leaves no lock', async () => {
    const failing: FindGoProgramOptions = { ...options, build: () => Promise.reject(new Error('no space left')) };
    await expect(findGoProgram(program, failing)).rejects.toThrow('no space left');
    const target = await findGoProgram(program, options);
    expect(existsSync(join(dirname(target), 'lock'))).toBe(false);
  });
});
