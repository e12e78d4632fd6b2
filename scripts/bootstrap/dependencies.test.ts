import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { prepare } from './dependencies.mjs';

const OLD_NODE = { version: '20.1.0', path: '/usr/bin/node' };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'checkout-'));
  writeFileSync(join(root, 'package-lock.json'), '{"version":1}');
  vi.stubEnv('npm_execpath', undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** An npm that notes its arguments and runs `script` in the checkout. */
function fakeNpm(script: string): void {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$@" >> "${root}/npm-calls"\n${script}\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
}

function npmCalls(): string[] {
  const path = join(root, 'npm-calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function nodeOf(version: string): string {
  return `mkdir -p node_modules/.bin && printf '#!/bin/sh\\necho ${version}\\n' > node_modules/.bin/node && chmod +x node_modules/.bin/node`;
}

const INSTALLS = `mkdir -p node_modules && echo '{}' > node_modules/.package-lock.json && ${nodeOf('v24.1.0')}`;

describe('the dependencies', () => {
  test('are installed in a fresh clone, with the development ones, and not again', async () => {
    fakeNpm(INSTALLS);
    vi.stubEnv('NODE_ENV', 'production');
    expect(await prepare(root)).toBe(join(root, 'node_modules/.bin/node'));
    await prepare(root);
    expect(npmCalls()).toEqual(['ci --include=dev --no-audit --no-fund --loglevel=error']);
  });

  test('that npm leaves out on an old Node are added, once, on the Node that it brought', async () => {
    fakeNpm(`${INSTALLS}; echo "$PATH" > "${root}/path"`);
    expect(await prepare(root, OLD_NODE)).toBe(join(root, 'node_modules/.bin/node'));
    await prepare(root, OLD_NODE);
    expect(npmCalls()).toEqual([
      'ci --include=dev --no-audit --no-fund --loglevel=error',
      'install --no-save --include=dev --no-audit --no-fund --loglevel=error',
    ]);
    expect(readFileSync(join(root, 'path'), 'utf8')).toContain(`${join(root, 'node_modules/.bin')}:`);
  });

  test('that npm leaves out on an old Node and cannot be added do not keep the rest from running', async () => {
    fakeNpm(`case "$1" in install) exit 7;; *) ${INSTALLS};; esac`);
    expect(await prepare(root, OLD_NODE)).toBe(join(root, 'node_modules/.bin/node'));
    await prepare(root, OLD_NODE);
    expect(npmCalls().map((call) => call.split(' ')[0])).toEqual(['ci', 'install', 'install']);
  });

  test('are installed again when the lock file has changed', async () => {
    fakeNpm(INSTALLS);
    await prepare(root);
    writeFileSync(join(root, 'package-lock.json'), '{"version":2}');
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, 'package-lock.json'), later, later);
    await prepare(root);
    expect(npmCalls()).toHaveLength(2);
  });

  test('are installed once by two runs that start together', async () => {
    fakeNpm(`sleep 0.3; ${INSTALLS}`);
    await Promise.all([prepare(root), prepare(root)]);
    expect(npmCalls()).toHaveLength(1);
  });

  test('that cannot be installed end in a remedy, and nothing is taken for installed', async () => {
    fakeNpm('exit 7');
    await expect(prepare(root)).rejects.toThrow(/npm ci .* failed \(exit code 7\).*Remedy.*npm ping/s);
    await expect(prepare(root)).rejects.toThrow(/failed/);
    expect(npmCalls()).toHaveLength(2);
  });

  test('without npm end in a remedy', async () => {
    vi.stubEnv('PATH', join(root, 'nothing'));
    await expect(prepare(root)).rejects.toThrow(/npm cannot be started.*Remedy/s);
  });
});

describe('the Node to run on', () => {
  test('is brought by its install script when npm was told to run none', async () => {
    fakeNpm(
      `case "$1" in ci) mkdir -p node_modules; echo '{}' > node_modules/.package-lock.json;; rebuild) ${nodeOf('v24.1.0')};; esac`,
    );
    expect(await prepare(root, OLD_NODE)).toBe(join(root, 'node_modules/.bin/node'));
    expect(npmCalls()[1]).toContain('rebuild node --ignore-scripts=false');
  });

  test('is the present one when it is new enough and the package is missing', async () => {
    fakeNpm(`mkdir -p node_modules; echo '{}' > node_modules/.package-lock.json`);
    expect(await prepare(root, { version: '24.2.0', path: '/opt/node' })).toBe('/opt/node');
  });

  test('that is nowhere ends in a remedy', async () => {
    fakeNpm(`mkdir -p node_modules; echo '{}' > node_modules/.package-lock.json; ${nodeOf('v20.0.0')}`);
    await expect(prepare(root, OLD_NODE)).rejects.toThrow(/Node 24 or newer is needed.*Remedy/s);
  });
});
