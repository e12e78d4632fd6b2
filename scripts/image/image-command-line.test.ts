import { expect, test } from 'vitest';
import { parseImageCommandLine } from './image-command-line.ts';

const LINUX = { platform: 'linux', arch: 'x64' };

test('without options: this machine, compressed', () => {
  expect(parseImageCommandLine([], LINUX)).toEqual({
    help: false,
    output: undefined,
    tag: undefined,
    platform: { os: 'linux', architecture: 'amd64' },
    compression: 'gzip',
  });
});

test('every option', () => {
  const argv = ['--output', 'x.tar', '--tag=a:1', '--platform', 'linux/arm64', '--compression', 'none'];
  expect(parseImageCommandLine(argv, { platform: 'linux', arch: 'arm64' })).toMatchObject({
    output: 'x.tar',
    tag: 'a:1',
    platform: { os: 'linux', architecture: 'arm64' },
    compression: 'none',
  });
});

test.each([
  [['--platform', 'windows/amd64'], 'linux/amd64 or linux/arm64, not windows/amd64'],
  [['--platform', 'linux/arm64'], 'docker buildx build --platform linux/arm64'],
  [['--compression', 'xz'], 'gzip or none, not xz'],
  [['--nonsense'], 'Usage: npm run image'],
  [['surplus'], 'Usage: npm run image'],
])('%s is refused in a sentence', (argv, sentence) => {
  expect(() => parseImageCommandLine(argv, LINUX)).toThrow(sentence);
});

test('a machine whose Node is not for Linux is pointed to the Dockerfile, and may ask for help', () => {
  const mac = { platform: 'darwin', arch: 'arm64' };
  expect(() => parseImageCommandLine([], mac)).toThrow('docker build');
  expect(parseImageCommandLine(['--help'], mac).help).toBe(true);
});
