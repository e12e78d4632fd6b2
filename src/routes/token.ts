import { createHash } from 'node:crypto';
import type { Random } from '../process/random.ts';

/**
 * Tokens and the only names by which they are known outside their Secret. A token is 32 random bytes in base64url; one
 * that a user brings may be any 43 to 128 characters of that alphabet. Everywhere else stands its SHA-256, of which
 * people see the first 12 hexadecimal digits, the fingerprint.
 */
declare const tokenHash: unique symbol;
/** SHA-256 of a token, 64 lower-case hexadecimal digits. */
export type TokenHash = string & { readonly [tokenHash]: true };

const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43,128}$/;
const HASH_PATTERN = /^[0-9a-f]{64}$/;

export function newToken(random: Random): string {
  return random.bytes(32).toString('base64url');
}

export function isToken(text: string): boolean {
  return TOKEN_PATTERN.test(text);
}

export function hashToken(token: string): TokenHash {
  return createHash('sha256').update(token).digest('hex') as TokenHash;
}

export function isTokenHash(text: string): text is TokenHash {
  return HASH_PATTERN.test(text);
}

export function fingerprint(hash: TokenHash): string {
  return hash.slice(0, 12);
}
