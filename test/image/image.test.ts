import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type BuiltImage, buildImage } from '../../scripts/image/build-image.ts';
import { folderEntries } from '../../scripts/image/folder-entries.ts';
import { parseImageCommandLine } from '../../scripts/image/image-command-line.ts';
import { PROJECT_ROOT } from '../harness/run-folder.ts';
import { makeImageFolder, runInRootfs } from './run-in-rootfs.ts';
import { type UnpackedImage, unpackImage } from './unpacked-image.ts';

/** The image that `npm run image` makes: built twice, unpacked, looked through, and run with nothing of this machine. */
const LIMIT = 120e6;
const BUILD_TIME = 600_000;
const isLinux = process.platform === 'linux';

let folder = '';
let built: BuiltImage;
let image: UnpackedImage;

function build(output: string): Promise<BuiltImage> {
  const { platform, compression } = parseImageCommandLine([]);
  return buildImage({ root: PROJECT_ROOT, platform, compression, output });
}

beforeAll(async () => {
  if (!isLinux) return;
  folder = await makeImageFolder();
  built = await build(join(folder, 'first.tar'));
  image = await unpackImage(built.output, folder);
}, BUILD_TIME);

afterAll(async () => {
  if (isLinux) await rm(folder, { recursive: true, force: true });
});

beforeEach((context) => {
  if (!isLinux) context.skip('the image is made of a Node for Linux and its libraries: npm run image needs Linux');
});

describe('what it says of itself', () => {
  test('runs the program as a user without rights, so that arguments are subcommands', async () => {
    expect(image.configuration.config).toMatchObject({
      User: '65532:65532',
      WorkingDir: '/home/nonroot',
      Entrypoint: ['/nodejs/bin/node', '--max-semi-space-size=16', '/app/dist/main.js'],
      Cmd: ['--help'],
    });
    expect(image.configuration.os).toBe('linux');
    expect(image.configuration.architecture).toBe(process.arch === 'x64' ? 'amd64' : process.arch);
    expect(built.fullName).toBe(`docker.io/library/crisp-mcp:${(await ownPackage()).version}`);
  });

  test('names version, commit, licence and source, in the labels and in the manifest', async () => {
    const { Labels } = image.configuration.config;
    expect(Labels).toMatchObject({
      'org.opencontainers.image.version': (await ownPackage()).version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.source': expect.stringMatching(/^https:/),
    });
    expect(image.manifest.annotations).toEqual(Labels);
  });
});

describe('what is in it', () => {
  test(
    'two builds give one digest',
    async () => {
      const again = await build(join(folder, 'second.tar'));
      expect(again.digest).toBe(built.digest);
      const [first, second] = await Promise.all([built.output, again.output].map((file) => readFile(file)));
      expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
    },
    BUILD_TIME,
  );

  test('under 120 MB to download, of which a change of the program is under one', () => {
    expect(built.bytes).toBeLessThan(LIMIT);
    const program = built.layers.at(-1);
    expect(program?.comment).toBe('crisp-mcp');
    expect(program?.size).toBeLessThan(1e6);
  });

  test('nothing that the user could write, but his home and /tmp', () => {
    const writable = image.listing.filter(({ mode, owner }) => !mode.startsWith('l') && isWritable(mode, owner));
    expect(writable.map((file) => `${file.mode} ${file.owner} ${file.path}`)).toEqual([
      'drwx------ 65532/65532 home/nonroot/',
      'drwxrwxrwt 0/0 tmp/',
    ]);
  });

  test('no shell and no other program but Node', () => {
    const programs = image.listing.filter(({ mode, path }) => /^-.*x/.test(mode) && !/\.so[.\d]*$/.test(path));
    expect(programs.map((file) => file.path).filter((path) => !path.startsWith('app/'))).toEqual(['nodejs/bin/node']);
    expect(image.listing.filter(({ mode }) => /^-..s|^-.....s/.test(mode))).toEqual([]);
  });

  test('every installed package is a production dependency of the lock file', async () => {
    const packages = z.record(z.string(), z.object({ dev: z.boolean().default(false) }));
    const Lock = z.object({ packages });
    const lock = Lock.parse(JSON.parse(await readFile(join(PROJECT_ROOT, 'package-lock.json'), 'utf8')));
    const installed = image.listing.flatMap(
      ({ path }) => /^app\/(.*node_modules\/(?:@[^/]+\/)?[^@/][^/]*)\/package\.json$/.exec(path)?.[1] ?? [],
    );
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter((path) => lock.packages[path]?.dev !== false)).toEqual([]);
  });

  test('no native module, so that dependencies built on one platform run on the other', () => {
    expect(image.listing.filter(({ path }) => path.endsWith('.node')).map((file) => file.path)).toEqual([]);
  });

  test(
    'the Dockerfile copies the very same files',
    async () => {
      const stage = join(folder, 'stage');
      const script = join(PROJECT_ROOT, 'scripts/stage-image.ts');
      await promisify(execFile)(process.execPath, [script, stage], { timeout: BUILD_TIME });
      const parts = ['dependencies/app', 'application/app'].map((part) => contentOf(join(stage, part)));
      const staged = [...new Set((await Promise.all(parts)).flat())].sort();
      expect(staged).toEqual((await contentOf(join(image.rootfs, 'app'))).sort());
    },
    BUILD_TIME,
  );

  test('no tests, types, sources, source maps or documents', () => {
    const left = image.listing.filter(({ path }) => /\.(ts|mts|cts|map|tsx)$|\.test\.|\/__tests__\//.test(path));
    expect(left.map((file) => file.path)).toEqual([]);
  });

  test('the licences of others', async () => {
    const notices = await readFile(join(image.rootfs, 'app/THIRD-PARTY-NOTICES'), 'utf8');
    expect(notices).toMatch(/^express 5\.\d+\.\d+ \(MIT\)$/m);
    expect(notices).toMatch(/^Node\.js$/m);
    expect(notices.includes('No licence text')).toBe(false);
  });
});

describe('what it does, with nothing of this machine but the kernel', () => {
  test('the entry point runs: --version', async (context) => {
    const { stdout } = await runInRootfs(context, image, ['--version']);
    expect(stdout.trim()).toBe((await ownPackage()).version);
  });

  test.for([
    'operator',
    'gateway',
    'standalone',
    'sandbox',
    'tools',
    'connect',
    'usage',
    'cleanup',
    'probe',
    'keyring',
  ])('%s --help: all that it loads is there', async (command, context) => {
    const { stdout } = await runInRootfs(context, image, [command, '--help']);
    expect(stdout).toContain(`Usage: crisp-mcp ${command}`);
  });
});

/** A line a file: path, mode, digest. */
async function contentOf(directory: string): Promise<string[]> {
  const entries = await folderEntries(directory, { at: '' });
  return Promise.all(
    entries.map(async ({ path, content, mode }) =>
      content.kind === 'file' ? `${path} ${mode} ${hash('sha256', await readFile(content.source))}` : `${path}/`,
    ),
  );
}

function isWritable(mode: string, owner: string): boolean {
  return owner !== '0/0' || mode[5] === 'w' || mode[8] === 'w';
}

async function ownPackage(): Promise<{ version: string }> {
  const text = await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text));
}
