import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DownloadError, download, PATIENCE } from './download.ts';

const PROGRAM = Buffer.from('#!/bin/sh\necho hello\n');
const CHECKSUM = createHash('sha256').update(PROGRAM).digest('hex');

let folder: string;
let target: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  target = join(folder, 'kubectl');
});

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

function site(checksum: string, file: Buffer): RequestListener {
  return (request, response) => response.end(request.url?.endsWith('.sha256') ? checksum : file);
}

function releaseAt(origin: string) {
  return { url: `${origin}/kubectl`, checksumUrl: `${origin}/kubectl.sha256` };
}

describe('a download', () => {
  test('with the published checksum is put in place, executable', async () => {
    await download(releaseAt(await serve(site(CHECKSUM, PROGRAM))), target);
    expect(readFileSync(target)).toEqual(PROGRAM);
    expect(statSync(target).mode & 0o111).not.toBe(0);
    expect(readdirSync(folder)).toEqual(['kubectl']);
  });

  test('takes its own line of a list of checksums, and the program out of the archive', async () => {
    const archive = join(folder, 'etcd-v3.tar.gz');
    execFileSync('sh', [
      '-c',
      `mkdir -p "${folder}/in/etcd-v3" && cp "$1" "${folder}/in/etcd-v3/etcd" && tar -czf "${archive}" -C "${folder}/in" etcd-v3`,
      'sh',
      ownFile(),
    ]);
    const bytes = readFileSync(archive);
    const list = `${'0'.repeat(64)}  other.zip\n${createHash('sha256').update(bytes).digest('hex')}  etcd-v3.tar.gz\n`;
    const origin = await serve((request, response) => response.end(request.url === '/SHA256SUMS' ? list : bytes));
    const release = { url: `${origin}/etcd-v3.tar.gz`, checksumUrl: `${origin}/SHA256SUMS`, inArchive: 'etcd-v3/etcd' };
    await download(release, target);
    expect(readFileSync(target)).toEqual(PROGRAM);
  });

  test.each([
    ['has another checksum', site('0'.repeat(64), PROGRAM), /has SHA-256 .* but 0{64} is published; it is not used/],
    ['has no published checksum', site('not found', PROGRAM), /holds no SHA-256/],
    [
      'is refused by the site',
      ((_request, response) => response.writeHead(403).end()) as RequestListener,
      /answered 403/,
    ],
    [
      'breaks off',
      ((request, response) => {
        if (request.url?.endsWith('.sha256')) response.end(CHECKSUM);
        else response.writeHead(200, { 'content-length': 1000 }).write('abc', () => response.destroy());
      }) as RequestListener,
      /cannot be fetched/,
    ],
  ])('that %s fails and leaves nothing', async (_what, listener, message) => {
    await expect(download(releaseAt(await serve(listener)), target)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('from a port where nobody listens fails at once', async () => {
    const origin = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    await expect(download(releaseAt(origin), target)).rejects.toThrow(/cannot be fetched/);
  });

  test.each([
    ['never answers', (() => {}) as RequestListener],
    [
      'goes silent in the middle',
      ((request, response) => {
        if (request.url?.endsWith('.sha256')) response.end(CHECKSUM);
        else response.write(PROGRAM.subarray(0, 4));
      }) as RequestListener,
    ],
  ])('from a site that %s is given up within the patience', async (_what, listener) => {
    await expect(download(releaseAt(await serve(listener)), target, { patience: 200 })).rejects.toThrow(DownloadError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is given up within five seconds unless told otherwise', () => {
    expect(PATIENCE).toBeLessThan(5_000);
  });

  test('that is slow but steady may take longer than the patience', async () => {
    const origin = await serve((request, response) => {
      if (request.url?.endsWith('.sha256')) {
        response.end(CHECKSUM);
        return;
      }
      let sent = 0;
      const timer = setInterval(() => {
        response.write(PROGRAM.subarray(sent, sent + 4));
        sent += 4;
        if (sent < PROGRAM.length) return;
        clearInterval(timer);
        response.end();
      }, 100);
    });
    await download(releaseAt(origin), target, { patience: 400 });
    expect(readFileSync(target)).toEqual(PROGRAM);
  });
});

function ownFile(): string {
  const path = join(folder, 'program');
  writeFileSync(path, PROGRAM);
  return path;
}
