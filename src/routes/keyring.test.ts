import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { seededRandom, systemRandom } from '../process/random.ts';
import { KeyringError } from './errors.ts';
import { acceptedKeys, createKeyring, findKey, newKeyringEntry } from './keyring.ts';

const HEX = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const BYTES = Buffer.from(HEX, 'hex');

test('an entry that stands twice is one key: files of a keyring are not changed at one moment', () => {
  const entry = newKeyringEntry(systemRandom);
  const keyring = createKeyring({ current: `${entry}\n`, previous: entry });
  expect(keyring.previous).toBeUndefined();
});

describe('A keyring', () => {
  test.each([
    ['hexadecimal', HEX],
    ['upper-case hexadecimal', HEX.toUpperCase()],
    ['base64', BYTES.toString('base64')],
    ['base64 without padding', BYTES.toString('base64').replace('=', '')],
    ['base64url', BYTES.toString('base64url')],
  ])('takes a key in %s', (_form, key) => {
    const { current } = createKeyring({ current: ` k1:${key}\n` });
    expect(current.id).toBe('k1');
    expect(current.mac.equals(createKeyring({ current: `k1:${HEX}` }).current.mac)).toBe(true);
  });

  test('derives another key for each purpose, and from each secret', () => {
    const { current } = createKeyring({ current: `k1:${HEX}` });
    const other = createKeyring({ current: newKeyringEntry(systemRandom) }).current;
    const keys = [current.mac, current.seal, current.revision, other.mac, other.seal, other.revision];
    expect(new Set(keys.map((key) => key.export().toString('hex'))).size).toBe(6);
    expect(keys.every((key) => key.symmetricKeySize === 32)).toBe(true);
  });

  test.each([
    ['no colon', HEX],
    ['no id', `:${HEX}`],
    ['an id with a space', `k 1:${HEX}`],
    ['an id that is too long', `${'k'.repeat(33)}:${HEX}`],
    ['a key that is too short', 'k1:abcd'],
    ['a key of 31 bytes', `k1:${BYTES.subarray(1).toString('base64')}`],
    ['a key of 33 bytes', `k1:${Buffer.concat([BYTES, BYTES.subarray(0, 1)]).toString('base64')}`],
    ['nothing', ''],
  ])('refuses an entry with %s, without showing it', (_problem, entry) => {
    let message = '';
    try {
      createKeyring({ current: entry });
    } catch (error) {
      expect(error).toBeInstanceOf(KeyringError);
      message = String(error);
    }
    expect(message).toContain('crisp-mcp keyring');
    expect(message).not.toContain(HEX);
  });

  test('refuses two keys of one id, since a sealed credential is opened by its id', () => {
    const entries = { current: `k1:${HEX}`, previous: newKeyringEntry(systemRandom).replace(/^[^:]*/, 'k1') };
    expect(() => createKeyring(entries)).toThrow(/both entries have the id "k1"/);
  });

  test('accepts the previous key after the current one; an empty previous entry is none', () => {
    const keyring = createKeyring({ current: `new:${HEX}`, previous: newKeyringEntry(systemRandom) });
    expect(acceptedKeys(keyring).map(({ id }) => id)).toEqual(['new', keyring.previous?.id]);
    expect(findKey(keyring, 'new')).toBe(keyring.current);
    expect(findKey(keyring, 'unknown')).toBeUndefined();
    expect(acceptedKeys(createKeyring({ current: `new:${HEX}`, previous: ' \n' }))).toHaveLength(1);
  });

  test('makes new entries that it takes', () => {
    const entry = newKeyringEntry(seededRandom(1));
    expect(entry).toMatch(/^k[0-9a-f]{8}:[A-Za-z0-9+/]{43}=$/);
    expect(createKeyring({ current: entry }).current.id).toBe(entry.split(':')[0]);
  });

  test('shows no key when it is printed', () => {
    const keyring = createKeyring({ current: `k1:${HEX}` });
    const secrets = [keyring.current.mac, keyring.current.seal].map((key) => key.export());
    for (const text of [inspect(keyring, { depth: 9 }), JSON.stringify(keyring)]) {
      for (const secret of secrets) {
        expect(text).not.toContain(secret.toString('hex').slice(0, 12));
        expect(text).not.toContain(secret.toString('base64').slice(0, 12));
      }
    }
  });
});
