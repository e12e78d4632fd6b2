import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { TIERS_BY_PRIVILEGE, type Tier } from '../catalog/tool.ts';
import { Refusal } from './answer.ts';
import { OTHER_WEBSITE_OF_WEBSITE_TOKEN, WRONG_TIER_FOR_TOKEN } from './inferred.ts';
import type { RouteRecord } from './route-table.ts';
import type { SandboxState } from './state.ts';
import type { Website } from './website.ts';

/**
 * Who may do what: both headers are required, a token works only under its own tier, the route must accept the tier, and
 * the token must reach the website. Keys are compared by digest and never appear in a message.
 */
export interface SandboxCredential {
  readonly identifier: string;
  readonly key: string;
}

export type SandboxCredentials = Readonly<Record<Tier, SandboxCredential>>;

const UNAUTHENTICATED = { status: 401, reason: 'invalid_session' };
const NOT_ALLOWED = { status: 403, reason: 'not_allowed' };

/** The tier of a request whose headers are in order. */
export function authenticate(headers: IncomingHttpHeaders, credentials: SandboxCredentials): Tier {
  const given = basicCredential(headers.authorization);
  const tierHeader = headers['x-crisp-tier'];
  const tier = TIERS_BY_PRIVILEGE.find((known) => known === tierHeader);
  if (given === undefined || tier === undefined) throw new Refusal(UNAUTHENTICATED);
  if (sameCredential(given, credentials[tier])) return tier;
  const otherTier = TIERS_BY_PRIVILEGE.some((other) => sameCredential(given, credentials[other]));
  throw new Refusal(otherTier ? WRONG_TIER_FOR_TOKEN : UNAUTHENTICATED);
}

/** The website that a route's path names, if the tier's token reaches it and the route accepts the tier. */
export function authorize(options: {
  state: SandboxState;
  route: RouteRecord;
  tier: Tier;
  websiteId: string | undefined;
  now: number;
}): Website {
  const { state, route, tier, websiteId, now } = options;
  const website = websiteId === undefined ? state.main : state.websites.get(websiteId);
  if (website === undefined || isGone(website, now)) throw new Refusal({ status: 404, reason: 'website_not_found' });
  if (tier === 'website' && website !== state.main) throw new Refusal(OTHER_WEBSITE_OF_WEBSITE_TOKEN);
  if (tier === 'plugin' && websiteId !== undefined && !website.pluginInstalled) {
    throw new Refusal({ status: 404, reason: 'not_subscribed' });
  }
  if (!route.tiers.includes(tier)) throw new Refusal(NOT_ALLOWED);
  return website;
}

const isGone = (website: Website, now: number): boolean =>
  website.deletion !== undefined && website.deletion.executesAt <= now;

function basicCredential(header: string | undefined): SandboxCredential | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { identifier: decoded.slice(0, colon), key: decoded.slice(colon + 1) };
}

function sameCredential(a: SandboxCredential, b: SandboxCredential): boolean {
  return a.identifier === b.identifier && sameSecret(a.key, b.key);
}

/** Whether two secrets are equal, in a time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
