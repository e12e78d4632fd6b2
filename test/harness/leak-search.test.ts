import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { searchLeaks } from './leak-search.ts';

const secret = { what: 'a planted token', value: 'a+b/c"d e_f-Zq9 0123456789é' };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leak-search-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function inBase64After(before: string, encoding: 'base64' | 'base64url'): string {
  return Buffer.from(`${before}${secret.value} and more`).toString(encoding);
}

describe('the leak search finds a planted secret', () => {
  test.each([
    ['as it is', secret.value],
    ['URL-encoded', encodeURIComponent(secret.value)],
    ['inside JSON', JSON.stringify({ token: secret.value })],
    ['in hex', Buffer.from(secret.value).toString('hex')],
    ['in base64 at the start', inBase64After('', 'base64')],
    ['in base64 after one byte', inBase64After('x', 'base64')],
    ['in base64 after two bytes', inBase64After('xy', 'base64')],
    ['in base64 of a Basic header', inBase64After('identifier:', 'base64')],
    ['in URL-safe base64 at the start', inBase64After('', 'base64url')],
    ['in URL-safe base64 after one byte', inBase64After('x', 'base64url')],
    ['in URL-safe base64 after two bytes', inBase64After('xy', 'base64url')],
    ['in URL-encoded base64', encodeURIComponent(inBase64After('xy', 'base64'))],
  ])('%s', async (_where, text) => {
    writeFileSync(join(folder, 'some.log'), `before ${text} after`);
    expect(await searchLeaks(folder, [secret])).toMatchObject([{ file: 'some.log', what: 'a planted token' }]);
  });

  test('across the cut between two pieces of a large file, in a folder below', async () => {
    const text = Buffer.concat([Buffer.alloc(4 * 1024 * 1024 - 7, 'x'), Buffer.from(secret.value)]);
    writeFileSync(join(folder, 'large.log'), text);
    expect(await searchLeaks(folder, [secret])).toMatchObject([{ file: 'large.log', offset: 4 * 1024 * 1024 - 7 }]);
  });
});

test('the leak search reports nothing for a fingerprint or a part of the secret', async () => {
  writeFileSync(join(folder, 'some.log'), `${secret.value.slice(0, -1)} 0123456789ab`);
  expect(await searchLeaks(folder, [secret])).toEqual([]);
});
