import {
  type ApiTokenReason,
  type CrispApiToken,
  crispApiTokenSpecSchema,
  crispApiTokenType,
  type EffectiveApiToken,
  effectiveApiToken,
} from '../../resources/crisp-api-token.ts';
import { API_TOKEN_FINALIZER, API_TOKEN_LABEL, API_TOKEN_SECRET_TYPE } from '../../resources/names.ts';
import type { ApiTokenRecord } from '../../routes/records.ts';
import type { OwnerKind } from '../token-owner/owner-kind.ts';
import { specReader } from '../token-owner/read-spec.ts';
import type { CommonReason, OwnerTypes } from '../token-owner/situation.ts';
import { issued } from './outcome.ts';

/** A CrispApiToken as a token owner: its token leads to a record of what its holder may do. */
export interface ApiTokenTypes extends OwnerTypes {
  readonly owner: CrispApiToken;
  readonly effective: EffectiveApiToken;
  readonly record: ApiTokenRecord;
  readonly reason: Exclude<ApiTokenReason, CommonReason>;
}

export const API_TOKEN_KIND: OwnerKind<ApiTokenTypes> = {
  type: crispApiTokenType,
  finalizer: API_TOKEN_FINALIZER,
  secret: { type: API_TOKEN_SECRET_TYPE, label: API_TOKEN_LABEL },
  words: {
    it: 'this API token',
    key: 'token',
    itsKey: 'it',
    refused: 'the token is refused',
    honoured: 'accepted',
  },
  normalReasons: new Set(['Issued', 'Provisioning', 'ExpiresAtPassed']),
  abandonedReason: 'ApiTokenAbandoned',
  secretNameOf: ({ spec, metadata }) => spec.secretName ?? `${metadata.name}-api-token`,
  read: specReader({ schema: crispApiTokenSpecSchema, effective: effectiveApiToken, problem: serversMissing }),
  contentOf: () => ({}),
  recordOf: ({ owner: { metadata } }, { expiresAt, scopes, servers }) => ({
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    exp: expiresAt ?? null,
    scopes,
    servers,
  }),
  live: (_situation, effective) => issued(effective),
  dormant: () => undefined,
  alsoSays: () => ({}),
  alsoShows: () => ({}),
  seenIn: (view) => ({
    fresh: view.apiTokens,
    watched: view.watched.apiTokens,
    vanished: view.vanishedApiTokens,
    ofSecret: (secret) => view.apiTokensOfSecret(secret),
    ofUid: (uid) => view.apiTokenOfUid(uid),
  }),
  storedBy: (store) => ({
    mirror: store.mirror.apiTokens,
    put: (hash, record) => store.putApiToken(hash, record),
    deleteOf: (uid, keep) => store.deleteApiTokens(uid, keep),
  }),
};

function serversMissing({ scopes, servers }: EffectiveApiToken): string | undefined {
  const missing = scopes.includes('connect') && servers.length === 0;
  return missing ? 'spec.servers is missing, which the scope "connect" needs.' : undefined;
}
