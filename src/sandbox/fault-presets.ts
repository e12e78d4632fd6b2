import type { Tier } from '../catalog/tool.ts';
import type { Fault } from './faults.ts';
import { DAILY_QUOTA_EXHAUSTED } from './inferred.ts';

/** The refusals that tests ask for by name. */
export const quotaExhausted = (): Fault => ({ kind: 'refused', ...DAILY_QUOTA_EXHAUSTED });

/** The plan has no knowledge base. */
export const helpdeskNotInPlan = (): Fault => ({
  kind: 'refused',
  status: 402,
  reason: 'subscription_upgrade_required',
  path: '/v1/website/*/helpdesk*',
});

export const credentialsRevoked = (tier?: Tier): Fault => ({
  kind: 'refused',
  status: 401,
  reason: 'invalid_session',
  ...(tier === undefined ? {} : { tier }),
});

export const pluginNotSubscribed = (): Fault => ({
  kind: 'refused',
  status: 404,
  reason: 'not_subscribed',
  tier: 'plugin',
});

export const tooManyMessages = (): Fault => ({
  kind: 'refused',
  status: 409,
  reason: 'too_many_messages',
  operation: 'website.sendMessageInConversation',
});
