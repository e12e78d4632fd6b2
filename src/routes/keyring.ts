import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Random } from '../process/random.ts';
import { KeyringError } from './errors.ts';

/**
 * The installation's secret keys. `current` signs and seals whatever is written; the other entry, called `previous`, is
 * accepted when reading and never used for writing. To rotate without a refused read: put the new key into `previous`
 * first, and once every process has it, swap the two; records are written anew by the operator's next diff. Each key has
 * one purpose: the 32 bytes of an entry are only the input from which the working keys are derived (HKDF-SHA-256).
 */
export interface Keyring {
  readonly current: KeyringKey;
  readonly previous: KeyringKey | undefined;
  /** Called when a signature or key id is unknown: a chance to look whether the keys have changed. */
  refresh(): void;
}

/** Key objects, not bytes: an HMAC with one costs a fifth, and printing one shows nothing. */
export interface KeyringKey {
  readonly id: string;
  /** HMAC over records. */
  readonly mac: KeyObject;
  /** AES-256-GCM of credentials. */
  readonly seal: KeyObject;
  /** HMAC of open records, by which two states are compared. */
  readonly revision: KeyObject;
}

export interface KeyringEntries {
  readonly current: string;
  readonly previous?: string | undefined;
}

const ID_PATTERN = /^[A-Za-z0-9._-]{1,32}$/;
const HEX_PATTERN = /^[0-9a-fA-F]{64}$/;
const BASE64_PATTERN = /^[A-Za-z0-9+/_-]{43}=?$/;

/** A keyring of entries `id:key`, the key being 32 bytes in base64, base64url or hexadecimal. */
export function createKeyring(entries: KeyringEntries): Keyring {
  const keys = parseKeyringEntries(entries, 'The keyring');
  return { ...keys, refresh: () => undefined };
}

export interface KeyPair {
  readonly current: KeyringKey;
  readonly previous: KeyringKey | undefined;
}

/** `source` begins the message of an error. Messages never show a key. */
export function parseKeyringEntries(entries: KeyringEntries, source: string): KeyPair {
  const current = parseEntry(entries.current, `${source}: entry "current"`);
  const previous =
    // Both files the same: a rotation of files is under way, which cannot change the two at one moment.
    entries.previous === undefined || ['', entries.current.trim()].includes(entries.previous.trim())
      ? undefined
      : parseEntry(entries.previous, `${source}: entry "previous"`);
  if (previous !== undefined && previous.id === current.id) {
    throw new KeyringError(`${source}: both entries have the id "${current.id}"; give each key an id of its own.`);
  }
  return { current, previous };
}

/** The text of a fresh entry, as `crisp-mcp keyring` prints it. */
export function newKeyringEntry(random: Random): string {
  return `k${random.bytes(4).toString('hex')}:${random.bytes(32).toString('base64')}`;
}

/** The keys in the order in which a signature is tried. */
export function acceptedKeys(keyring: Keyring): readonly KeyringKey[] {
  return keyring.previous === undefined ? [keyring.current] : [keyring.current, keyring.previous];
}

export function findKey(keyring: Keyring, id: string): KeyringKey | undefined {
  return acceptedKeys(keyring).find((key) => key.id === id);
}

function parseEntry(text: string, where: string): KeyringKey {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const id = trimmed.slice(0, Math.max(colon, 0));
  if (!ID_PATTERN.test(id)) {
    throw new KeyringError(
      `${where} must read "id:key", the id being 1 to 32 letters, digits, ".", "_" or "-". Make one with "crisp-mcp keyring".`,
    );
  }
  const secret = decodeKey(trimmed.slice(colon + 1));
  if (secret === undefined) {
    throw new KeyringError(
      `${where}: the key of "${id}" must be 32 bytes in base64 or hexadecimal. Make one with "crisp-mcp keyring".`,
    );
  }
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `crisp-mcp/1/${purpose}`, 32)));
  return { id, mac: derive('record-mac'), seal: derive('credential-seal'), revision: derive('revision') };
}

function decodeKey(text: string): Buffer | undefined {
  if (HEX_PATTERN.test(text)) return Buffer.from(text, 'hex');
  if (!BASE64_PATTERN.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 ? bytes : undefined;
}
