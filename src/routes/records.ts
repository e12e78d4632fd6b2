import type { Tier } from '../resources/crisp-account.ts';
import type { EffectiveFilter } from '../resources/effective-server.ts';

/**
 * What operator and gateway share. A route says which server a token opens; an account record says how to reach Crisp
 * for it. In a store both are signed, and the credentials of an account are sealed (AES-256-GCM); these are their open
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
  /** What the client must present. Only the token in the path so far. */
  readonly auth: 'path';
  /** `unavailable`: the URL answers 503, because the account is missing or refused. */
  readonly state: 'live' | 'unavailable';
}

export interface AccountRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly websiteId: string;
  readonly apiUrl: string;
  /** Only accepted credentials. */
  readonly credentials: readonly { readonly tier: Tier; readonly identifier: string; readonly key: string }[];
}
