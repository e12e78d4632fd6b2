import { z } from 'zod';
import { added, deleted, listed, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Handlers } from '../handler.ts';
import { NO_DELETION_SCHEDULED, WEBSITE_DELETION_DELAY_MS } from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import { Proof, requireProof } from '../proof.ts';
import { emptyWebsite } from '../seed/website.ts';
import type { Website } from '../website.ts';
import { Analytics, countConversations } from './analytics.ts';
import { ENDPOINTS } from './plugin-connect.ts';

/** The website itself: read, settings, availability, creation, and its deletion, which is only scheduled. */
export const website: Handlers = {
  'website.checkWebsiteExists': ({ state, query }) => {
    const domain = query.get('domain');
    const found = [...state.websites.values()].some((other) => other.domain === domain);
    if (!found) throw new Refusal({ status: 404, reason: 'website_not_found' });
    return resolved({});
  },

  'website.createWebsite': ({ state, body }) => {
    const created = emptyWebsite({ website_id: state.newId(), ...parseBody(NewWebsite, body) });
    state.websites.set(created.website_id, created);
    return added(view(created));
  },

  'website.getWebsite': ({ website: it }) => resolved(view(it)),

  'website.deleteWebsite': ({ state, website: it, body, now }) => {
    requireProof(state, parseBody(z.object({ verify: Proof }), body).verify);
    it.deletion = { requestedAt: now, executesAt: now + WEBSITE_DELETION_DELAY_MS };
    return deleted();
  },

  'website.abortWebsiteDeletion': ({ website: it }) => {
    if (it.deletion === undefined) throw new Refusal(NO_DELETION_SCHEDULED, 'no deletion is scheduled');
    it.deletion = undefined;
    return deleted();
  },

  'website.getWebsiteSettings': ({ website: it }) =>
    resolved({ ...it.settings, name: it.name, domain: it.domain, website_id: it.website_id }),

  'website.updateWebsiteSettings': ({ website: it, body }) => {
    const { name, domain, ...settings } = parseBody(Settings, body);
    it.name = name ?? it.name;
    it.domain = domain ?? it.domain;
    it.settings = mergeFields(it.settings, settings);
    return updated();
  },

  'website.getWebsiteAvailabilityStatus': ({ website: it, now }) => {
    const online = [...it.operators.values()].some((operator) => operator.availability === 'online');
    return resolved({ status: online ? 'online' : 'away', since: now });
  },

  'website.listWebsiteOperatorAvailabilities': ({ website: it }) =>
    listed(
      [...it.operators.values()].map(({ user_id, availability, lastActive }) => ({
        user_id,
        type: availability,
        time: { for: 0, since: lastActive },
      })),
    ),

  'website.generateAnalytics': ({ website: it, body }) => listed(countConversations(it, parseBody(Analytics, body))),

  'website.getConnectEndpoints': () => resolved(ENDPOINTS),
};

const NewWebsite = z.object({ name: z.string().min(1), domain: z.string().min(1) });
const Settings = z.looseObject({ name: z.string().optional(), domain: z.string().optional() });

function view({ website_id, name, domain }: Website) {
  return {
    website_id,
    name,
    domain,
    logo: `https://assets.example.com/${website_id}.png`,
    verified: true,
    institutional: false,
  };
}
