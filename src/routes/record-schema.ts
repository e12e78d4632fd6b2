import { z } from 'zod';
import { tierSchema } from '../resources/crisp-account.ts';
import type { EffectiveFilter } from '../resources/effective-server.ts';
import type { EffectiveRateLimit } from '../resources/rate-limit.ts';
import { type AccountRecord, API_TOKEN_SCOPES, type ApiTokenRecord, type RouteRecord } from './records.ts';

/**
 * The shape of records at the border of a store, and their canonical bytes: fields in one order, absent ones left out,
 * so that equal records have equal bytes. Reading is strict: an unknown field or another version is no record of ours.
 */
export const RECORD_VERSION = 1;

const text = z.string().max(1024);
const names = z.array(text).max(1024);
const instant = z.int().min(0).max(8.64e15);

const filterSchema = z.strictObject({
  methods: names.exactOptional(),
  tags: names.exactOptional(),
  only: names.exactOptional(),
  except: names.exactOptional(),
  sensitive: names.exactOptional(),
});

const rateLimitSchema = z.strictObject({ perMinute: z.int().min(1).max(1e6), burst: z.int().min(1).max(1e6) });

export const routeRecordSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  uid: text.min(1),
  namespace: text,
  name: text,
  displayName: text,
  exp: instant.nullable(),
  filter: filterSchema,
  accountUid: text.nullable(),
  auth: z.enum(['path', 'api-token']),
  rateLimit: rateLimitSchema.exactOptional(),
  state: z.enum(['live', 'unavailable']),
});

export const apiTokenRecordSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  uid: text.min(1),
  namespace: text,
  name: text,
  exp: instant.nullable(),
  scopes: z.array(z.enum(API_TOKEN_SCOPES)).max(API_TOKEN_SCOPES.length),
  servers: names,
});

const sealedCredentialSchema = z.strictObject({
  tier: tierSchema,
  kid: z.string().min(1).max(32),
  /** 96 bits, base64url. */
  iv: z.string().length(16),
  /** Ciphertext and 128-bit tag, base64url. */
  ct: z.string().min(22).max(8192),
});
export type SealedCredential = z.infer<typeof sealedCredentialSchema>;

export const sealedAccountSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  uid: text.min(1),
  namespace: text,
  name: text,
  websiteId: text,
  apiUrl: text,
  rateLimit: rateLimitSchema.exactOptional(),
  credentials: z.array(sealedCredentialSchema).max(3),
});

/** What is sealed of a credential. */
export const credentialSchema = z.tuple([z.string().max(2048), z.string().max(2048)]);

export function canonicalRoute(record: RouteRecord): string {
  return JSON.stringify({
    v: RECORD_VERSION,
    uid: record.uid,
    namespace: record.namespace,
    name: record.name,
    displayName: record.displayName,
    exp: record.exp,
    filter: canonicalFilter(record.filter),
    accountUid: record.accountUid,
    auth: record.auth,
    rateLimit: canonicalRateLimit(record.rateLimit),
    state: record.state,
  });
}

export function canonicalApiToken({ uid, namespace, name, exp, scopes, servers }: ApiTokenRecord): string {
  return JSON.stringify({ v: RECORD_VERSION, uid, namespace, name, exp, scopes, servers });
}

export function canonicalAccount(record: AccountRecord): string {
  return JSON.stringify({
    v: RECORD_VERSION,
    uid: record.uid,
    namespace: record.namespace,
    name: record.name,
    websiteId: record.websiteId,
    apiUrl: record.apiUrl,
    rateLimit: canonicalRateLimit(record.rateLimit),
    credentials: record.credentials.map(({ tier, identifier, key }) => ({ tier, identifier, key })),
  });
}

/** Absent when there is none. */
export function canonicalRateLimit(limit: EffectiveRateLimit | undefined): EffectiveRateLimit | undefined {
  return limit === undefined ? undefined : { perMinute: limit.perMinute, burst: limit.burst };
}

function canonicalFilter({ methods, tags, only, except, sensitive }: EffectiveFilter): object {
  return { methods, tags, only, except, sensitive };
}
