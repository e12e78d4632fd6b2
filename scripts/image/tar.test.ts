import { execFile } from 'node:child_process';
import { chmod, lstat, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TarEntry, tarStream } from './tar.ts';

const EPOCH = 1_700_000_000;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crisp-mcp-tar-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function bytesOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarStream(entries, EPOCH)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Unpacks with the system's tar: another reader than ours. */
async function unpacked(entries: readonly TarEntry[]): Promise<string> {
  const archive = join(folder, 'a.tar');
  await writeFile(archive, await bytesOf(entries));
  await promisify(execFile)('tar', ['-xpf', archive, '--no-same-owner', '-C', folder]);
  return folder;
}

function text(path: string, content = path): TarEntry {
  return { path, content: { kind: 'text', text: content } };
}

describe('what another tar reads', () => {
  test('texts, files, links and directories, with their modes and the one time', async () => {
    const source = join(folder, 'source');
    await writeFile(source, 'x'.repeat(3_000_000));
    const root = await unpacked([
      text('/a/hello', 'hello'),
      { path: '/a/big', content: { kind: 'file', source }, mode: 0o755 },
      { path: '/a/link', content: { kind: 'link', target: '../a/hello' } },
      { path: '/tmp', content: { kind: 'directory' }, mode: 0o1777 },
    ]);

    expect(await readFile(join(root, 'a/link'), 'utf8')).toBe('hello');
    expect((await readFile(join(root, 'a/big'))).length).toBe(3_000_000);
    expect((await lstat(join(root, 'a/big'))).mode & 0o7777).toBe(0o755);
    expect((await lstat(join(root, 'tmp'))).mode & 0o7777).toBe(0o1777);
    expect((await lstat(join(root, 'a/hello'))).mtime.getTime()).toBe(EPOCH * 1000);
  });

  test.each([99, 100, 101, 155, 400, 991, 1_000])('a path of %i bytes, with letters of two', async (length) => {
    const long = `/${'é'.repeat(20)}`.padEnd(length, '/a-directory-of-36-letters-in-a-path').replace(/\/$/, 'x');
    const root = await unpacked([text(long, 'found')]);
    expect(await readFile(join(root, long), 'utf8')).toBe('found');
  });
});

describe('the same bytes', () => {
  test('in whatever order the entries come', async () => {
    const entries = [text('/b/2'), text('/a'), text('/b/1')];
    expect(await bytesOf(entries.toReversed())).toEqual(await bytesOf(entries));
  });

  test('whatever the mode and the times of a file on this machine', async () => {
    const source = join(folder, 'source');
    await writeFile(source, 'content');
    const entry: TarEntry = { path: '/x', content: { kind: 'file', source } };
    const before = await bytesOf([entry]);
    await chmod(source, 0o600);
    await utimes(source, 1, 1);
    expect(await bytesOf([entry])).toEqual(before);
  });
});

describe('what is refused', () => {
  test.each(['relative', '/', '/a//b', '/a/', ''])('the path "%s"', async (path) => {
    await expect(bytesOf([text(path)])).rejects.toThrow('not an absolute path');
  });

  test('one path twice', async () => {
    await expect(bytesOf([text('/a'), text('/a')])).rejects.toThrow('twice in one layer: /a');
  });
});
