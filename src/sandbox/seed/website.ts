import type { Fields } from '../merge.ts';
import type { Website } from '../website.ts';
import { noHelpdesk } from './helpdesk-site.ts';

/** A website with nothing in it yet, as Create Website leaves it. */
export function emptyWebsite(options: { website_id: string; name: string; domain: string }): Website {
  const { website_id, name, domain } = options;
  return {
    website_id,
    name,
    domain,
    settings: DEFAULT_SETTINGS,
    conversations: new Map(),
    people: new Map(),
    helpdesk: noHelpdesk(),
    campaigns: new Map(),
    campaignTemplates: new Map(),
    operators: new Map(),
    inboxes: new Map(),
    teams: new Map(),
    visitors: new Map(),
    blockedVisitors: new Map(),
    spams: new Map(),
    forgottenSuggestions: new Set(),
    pluginInstalled: false,
    plugins: new Map(),
    plan: undefined,
    redeemedCoupons: new Set(),
    verify: { enabled: false, secret: '' },
    deletion: undefined,
  };
}

const DEFAULT_SETTINGS: Fields = {
  domain_alternates: [],
  logo: '',
  audit: { log: true },
  contact: {
    email: 'hello@example.com',
    phone: '',
    messenger: '',
    telegram: '',
    twitter: '',
    whatsapp: '',
    instagram: '',
  },
  inbox: { lock_removal: false, force_operator_token: false, locale: 'en' },
  emails: { rating: true, transcript: true, trackers: true, junk_filter: true, enrich: false },
  chatbox: {
    tile: 'default',
    conversations: true,
    website_logo: true,
    last_operator_face: true,
    activity_metrics: true,
    operator_privacy: false,
    hide_on_away: false,
    hide_on_mobile: false,
    email_visitors: true,
    phone_visitors: false,
    file_transfer: true,
    helpdesk_link: true,
    color_theme: 'blue',
    welcome_message: 'How can we help with your dashboards?',
    locale: '',
    allowed_pages: [],
    blocked_pages: [],
    blocked_countries: [],
    blocked_locales: [],
    blocked_ips: [],
  },
};
