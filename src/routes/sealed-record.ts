import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../process/random.ts';
import type { Tier } from '../resources/crisp-account.ts';
import { TamperedRecordError } from './errors.ts';
import { acceptedKeys, findKey, type Keyring, type KeyringKey } from './keyring.ts';
import {
  apiTokenRecordSchema,
  canonicalAccount,
  canonicalApiToken,
  canonicalRateLimit,
  canonicalRoute,
  credentialSchema,
  RECORD_VERSION,
  routeRecordSchema,
  type SealedCredential,
  sealedAccountSchema,
} from './record-schema.ts';
import type { AccountRecord, ApiTokenRecord, RouteRecord } from './records.ts';
import { describeStoreKey } from './store-keys.ts';

/**
 * Records as a store keeps them: JSON whose last field, `mac`, is an HMAC over the key it stands under and everything
 * before it. Credentials are sealed with AES-256-GCM, bound to account, website, API origin, tier and key. Whoever can
 * write the store can therefore remove records or put old ones back, but not make, widen, redirect or swap them;
 * whoever can read it learns no credential. Anything else than an intact record is a {@link TamperedRecordError}.
 */
const SIGNED = /^(\{.*),"mac":"([A-Za-z0-9_-]{43})"\}$/s;
const LONGEST_RECORD = 512 * 1024;
const TAG_LENGTH = 16;

export function sealRoute(keyring: Keyring, storeKey: string, record: RouteRecord): string {
  return sign(keyring.current, storeKey, canonicalRoute(record));
}

export function openRoute(
  keyring: Keyring,
  storeKey: string,
  stored: string,
): { record: RouteRecord; revision: string } {
  const { body, mac } = verify(keyring, storeKey, stored);
  const parsed = routeRecordSchema.safeParse(parseJson(storeKey, body));
  if (!parsed.success) throw tampered(storeKey);
  const { v: _, ...record } = parsed.data;
  return { record, revision: mac };
}

/** The signature that the current key gives the record: one signed by another key has another. */
export function routeRevision(keyring: Keyring, storeKey: string, record: RouteRecord): string {
  return macOf(keyring.current, storeKey, openEnd(canonicalRoute(record))).toString('base64url');
}

export function sealApiToken(keyring: Keyring, storeKey: string, record: ApiTokenRecord): string {
  return sign(keyring.current, storeKey, canonicalApiToken(record));
}

export function openApiToken(
  keyring: Keyring,
  storeKey: string,
  stored: string,
): { record: ApiTokenRecord; revision: string } {
  const { body, mac } = verify(keyring, storeKey, stored);
  const parsed = apiTokenRecordSchema.safeParse(parseJson(storeKey, body));
  if (!parsed.success) throw tampered(storeKey);
  const { v: _, ...record } = parsed.data;
  return { record, revision: mac };
}

export function apiTokenRevision(keyring: Keyring, storeKey: string, record: ApiTokenRecord): string {
  return macOf(keyring.current, storeKey, openEnd(canonicalApiToken(record))).toString('base64url');
}

export function sealAccount(keyring: Keyring, random: Random, storeKey: string, record: AccountRecord): string {
  const { uid, namespace, name, websiteId, apiUrl } = record;
  const credentials = record.credentials.map((credential) =>
    sealCredential(keyring.current, random, record, credential),
  );
  const rateLimit = canonicalRateLimit(record.rateLimit);
  const body = JSON.stringify({ v: RECORD_VERSION, uid, namespace, name, websiteId, apiUrl, rateLimit, credentials });
  return sign(keyring.current, storeKey, body);
}

export function openAccount(
  keyring: Keyring,
  storeKey: string,
  stored: string,
): { record: AccountRecord; revision: string } {
  const { body, key } = verify(keyring, storeKey, stored);
  const parsed = sealedAccountSchema.safeParse(parseJson(storeKey, body));
  if (!parsed.success) throw tampered(storeKey);
  const { v: _, credentials: sealed, ...account } = parsed.data;
  const credentials = sealed.map((credential) => openCredential(keyring, storeKey, account, credential));
  const record = { ...account, credentials };
  return { record, revision: revisionWith(key, record) };
}

/** Keyed, because a plain digest of a credential could be searched for. */
export function accountRevision(keyring: Keyring, record: AccountRecord): string {
  return revisionWith(keyring.current, record);
}

function revisionWith(key: KeyringKey, record: AccountRecord): string {
  return createHmac('sha256', key.revision).update(canonicalAccount(record)).digest('base64url');
}

interface AccountAddress {
  readonly uid: string;
  readonly websiteId: string;
  readonly apiUrl: string;
}

function sealCredential(
  key: KeyringKey,
  random: Random,
  account: AccountAddress,
  credential: AccountRecord['credentials'][number],
): SealedCredential {
  const iv = random.bytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.seal, iv, { authTagLength: TAG_LENGTH });
  cipher.setAAD(boundTo(account, credential.tier, key.id));
  const plain = JSON.stringify([credential.identifier, credential.key]);
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { tier: credential.tier, kid: key.id, iv: iv.toString('base64url'), ct: sealed.toString('base64url') };
}

function openCredential(
  keyring: Keyring,
  storeKey: string,
  account: AccountAddress,
  { tier, kid, iv, ct }: SealedCredential,
): AccountRecord['credentials'][number] {
  const key = findKey(keyring, kid);
  if (key === undefined) throw tampered(storeKey, ` (its ${tier} credential is sealed with the unknown key "${kid}")`);
  try {
    const sealed = Buffer.from(ct, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key.seal, Buffer.from(iv, 'base64url'), {
      authTagLength: TAG_LENGTH,
    });
    decipher.setAAD(boundTo(account, tier, kid));
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final()]);
    const [identifier, secret] = credentialSchema.parse(JSON.parse(plain.toString('utf8')));
    return { tier, identifier, key: secret };
  } catch {
    throw tampered(storeKey, ` (its ${tier} credential cannot be opened)`);
  }
}

function boundTo({ uid, websiteId, apiUrl }: AccountAddress, tier: Tier, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([RECORD_VERSION, uid, websiteId, apiUrl, tier, keyId]));
}

function sign(key: KeyringKey, storeKey: string, body: string): string {
  const signed = openEnd(body);
  return `${signed},"mac":"${macOf(key, storeKey, signed).toString('base64url')}"}`;
}

/** The signature is checked over the very bytes stored, before anything of them is interpreted. */
/** Id of the key that signed what stands there; `undefined` when it is none of these. */
export function signerOf(keyring: Keyring, storeKey: string, stored: string): string | undefined {
  const [, signed, mac] = (stored.length > LONGEST_RECORD ? null : SIGNED.exec(stored)) ?? [];
  return signed === undefined || mac === undefined ? undefined : signer(keyring, storeKey, signed, mac)?.id;
}

function verify(keyring: Keyring, storeKey: string, stored: string): { body: string; mac: string; key: KeyringKey } {
  const match = stored.length > LONGEST_RECORD ? null : SIGNED.exec(stored);
  const [, signed, mac] = match ?? [];
  if (signed === undefined || mac === undefined) throw tampered(storeKey);
  const key = signer(keyring, storeKey, signed, mac) ?? refreshedSigner(keyring, storeKey, signed, mac);
  if (key === undefined) throw tampered(storeKey);
  return { body: `${signed}}`, mac, key };
}

function refreshedSigner(keyring: Keyring, storeKey: string, signed: string, mac: string): KeyringKey | undefined {
  keyring.refresh();
  return signer(keyring, storeKey, signed, mac);
}

function signer(keyring: Keyring, storeKey: string, signed: string, mac: string): KeyringKey | undefined {
  const given = Buffer.from(mac, 'base64url');
  return acceptedKeys(keyring).find((key) => {
    const expected = macOf(key, storeKey, signed);
    // The text is compared too: base64url of 32 bytes leaves two bits of its last digit free.
    return timingSafeEqual(expected, given) && expected.toString('base64url') === mac;
  });
}

function macOf(key: KeyringKey, storeKey: string, signed: string): Buffer {
  return createHmac('sha256', key.mac).update(storeKey).update('\n').update(signed).digest();
}

/** The body without its closing brace, to which the signature is appended. */
function openEnd(body: string): string {
  return body.slice(0, -1);
}

function parseJson(storeKey: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw tampered(storeKey);
  }
}

function tampered(storeKey: string, detail = ''): TamperedRecordError {
  return new TamperedRecordError(describeStoreKey(storeKey) + detail);
}
