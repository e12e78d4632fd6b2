import type { Tier } from '../resources/crisp-account.ts';
import type { EffectiveFilter } from '../resources/effective-server.ts';
import type { EffectiveRateLimit } from '../resources/rate-limit.ts';

/**
 * What operator and gateway share. A route says which server a token opens; an account record says how to reach Crisp
 * for it; the record of an API token says what its holder may do. In a store all are signed, and the credentials of an account are sealed (AES-256-GCM); these are their open
 * forms.
 */
export interface RouteRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly displayName: string;
  /** Milliseconds since the Unix epoch; `null` when the route does not expire. */
  readonly exp: number | null;
  readonly filter: EffectiveFilter;
  readonly accountUid: string | null;
  /** What the client must present: the token in the path alone, or an API token beside it. */
  readonly auth: 'path' | 'api-token';
  readonly rateLimit?: EffectiveRateLimit;
  /** `unavailable`: the URL answers 503, because the account is missing or refused. */
  readonly state: 'live' | 'unavailable';
}

/** What an API token may do, and where: the second factor of servers that ask for one. */
export interface ApiTokenRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since the Unix epoch; `null` when it does not expire. */
  readonly exp: number | null;
  readonly scopes: readonly ApiTokenScope[];
  /** Names of servers of the namespace that it may connect to; `*` stands for all. */
  readonly servers: readonly string[];
}

export const API_TOKEN_SCOPES = ['connect', 'provision', 'read'] as const;
export type ApiTokenScope = (typeof API_TOKEN_SCOPES)[number];

export interface AccountRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly websiteId: string;
  readonly apiUrl: string;
  /** For all servers of the account together. */
  readonly rateLimit?: EffectiveRateLimit;
  /** Only accepted credentials. */
  readonly credentials: readonly { readonly tier: Tier; readonly identifier: string; readonly key: string }[];
}
