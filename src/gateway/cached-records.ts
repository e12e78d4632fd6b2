import { createHash } from 'node:crypto';
import { TIERS_BY_PRIVILEGE, type Tier } from '../catalog/tool.ts';
import type { CrispAccess } from '../crisp/outcome.ts';
import { RecentMap } from '../process/recent-map.ts';
import type { EffectiveRateLimit } from '../resources/rate-limit.ts';
import type { AccountRecord, RouteRecord } from '../routes/records.ts';
import { fingerprint, type TokenHash } from '../routes/token.ts';

/**
 * Records of the route store in the form in which the gateway keeps them: what every request needs is worked out once,
 * when a record is loaded, and equal filters are one object, since thousands of routes have a few distinct ones.
 */
export interface CachedRoute {
  readonly hash: TokenHash;
  readonly fingerprint: string;
  readonly record: RouteRecord;
  /** Equal for equal filters; short. */
  readonly filterKey: string;
  /** `record.exp` as people read it; empty when the route does not expire. */
  readonly expires: string;
}

export interface CachedAccount {
  readonly uid: string;
  readonly access: CrispAccess;
  readonly rateLimit: EffectiveRateLimit | undefined;
  /** Tiers that have a credential, least privileged first. */
  readonly tiers: readonly Tier[];
  /** The same as a string, for cache keys. */
  readonly tiersKey: string;
}

export function cachedRoute(hash: TokenHash, record: RouteRecord, filters: FilterPool): CachedRoute {
  const { key, filter } = filters.share(record.filter);
  const expires = record.exp === null ? '' : new Date(record.exp).toISOString();
  return { hash, fingerprint: fingerprint(hash), record: { ...record, filter }, filterKey: key, expires };
}

export function cachedAccount(record: AccountRecord): CachedAccount {
  const credentials = new Map(record.credentials.map(({ tier, identifier, key }) => [tier, { identifier, key }]));
  const tiers = TIERS_BY_PRIVILEGE.filter((tier) => credentials.has(tier));
  return {
    uid: record.uid,
    access: { websiteId: record.websiteId, apiUrl: record.apiUrl, credentials },
    rateLimit: record.rateLimit,
    tiers,
    tiersKey: tiers.join('+'),
  };
}

const MAX_FILTERS = 5_000;

export class FilterPool {
  readonly #filters = new RecentMap<string, RouteRecord['filter']>({ max: MAX_FILTERS });

  share(filter: RouteRecord['filter']): { key: string; filter: RouteRecord['filter'] } {
    const { methods, tags, only, except, sensitive } = filter;
    const text = JSON.stringify([methods, tags, only, except, sensitive].map((list) => list ?? null));
    const key = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    const shared = this.#filters.get(key);
    if (shared !== undefined) return { key, filter: shared };
    this.#filters.set(key, filter);
    return { key, filter };
  }
}
