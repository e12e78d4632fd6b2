import { z } from 'zod';
import { sameSecret } from '../access.ts';
import { added, deleted, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Handlers } from '../handler.ts';
import { HELPDESK_EXISTS, HELPDESK_ROOT_DOMAIN } from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import { helpdeskUrl, noHelpdesk } from '../seed/helpdesk-site.ts';
import type { Helpdesk } from '../website.ts';

/** Setting up the helpdesk of a website that has none. It begins without locales. */
export const helpdeskSetup: Handlers = {
  'website.initializeHelpdesk': ({ website, body }) => {
    const { helpdesk } = website;
    const { name, domain_basic } = parseBody(Setup, body);
    if (helpdesk.exists) throw new Refusal(HELPDESK_EXISTS);
    helpdesk.exists = true;
    helpdesk.name = name;
    changeDomain(helpdesk, { basic: domain_basic, custom: '', verified: false });
    return added();
  },
};

/** The helpdesk as a site: name, settings, domain, and its end. */
export const helpdeskSite: Handlers = {
  'website.checkHelpdeskExists': () => resolved({}),
  'website.resolveHelpdesk': ({ website }) => resolved({ name: website.helpdesk.name, url: website.helpdesk.url }),
  'website.deleteHelpdesk': ({ state, website, body }) => {
    const { verify } = parseBody(Verified, body);
    if (!sameSecret(verify.secret, state.ownerSecret)) {
      throw new Refusal({ status: 423, reason: 'password_unverified' });
    }
    website.helpdesk = noHelpdesk();
    return deleted();
  },

  'website.resolveHelpdeskSettings': ({ website }) =>
    resolved({ name: website.helpdesk.name, ...website.helpdesk.settings }),
  'website.saveHelpdeskSettings': ({ website: { helpdesk }, body }) => {
    const { name, ...settings } = parseBody(Settings, body);
    helpdesk.name = name ?? helpdesk.name;
    helpdesk.settings = mergeFields(helpdesk.settings, settings);
    return updated();
  },

  'website.resolveHelpdeskDomain': ({ website }) =>
    resolved({ root: HELPDESK_ROOT_DOMAIN, ...website.helpdesk.domain }),
  /** A custom domain is not verified yet: nobody looks at DNS here. */
  'website.requestHelpdeskDomainChange': ({ website, body }) => {
    changeDomain(website.helpdesk, { ...parseBody(DomainChange, body), verified: false });
    return updated();
  },
  'website.generateHelpdeskDomainSetupFlow': ({ website, query }) => {
    const { domain } = website.helpdesk;
    const custom = query.get('custom') ?? domain.custom;
    const value = `${domain.basic}.${HELPDESK_ROOT_DOMAIN}`;
    return resolved({ custom, setup: { records: [{ type: 'CNAME', query: custom, name: custom, value }] } });
  },
};

const Setup = z.strictObject({ name: z.string().min(1), domain_basic: z.string().min(1) });
const Verified = z.strictObject({
  verify: z.strictObject({ method: z.enum(['password', 'token', 'google']), secret: z.string().min(1) }),
});
const DomainChange = z.strictObject({ basic: z.string(), custom: z.string() });

const text = z.string().nullish();
const flag = z.boolean().optional();
const Settings = z.strictObject({
  name: z.string().optional(),
  appearance: z
    .strictObject({
      color: z.strictObject({ mode: z.string().optional(), mode_changeable: flag }).optional(),
      logos: z.strictObject({ favicon: text, header: text, footer: text }).optional(),
      banner: text,
    })
    .optional(),
  localization: z
    .strictObject({
      writing_locale: z.string().optional(),
      translated_automatic: flag,
      translated_locales_readonly: flag,
    })
    .optional(),
  section: z.strictObject({ articles: text, guides: text, references: text, news: text }).optional(),
  behavior: z
    .strictObject({
      frequently_read: flag,
      show_category_images: flag,
      show_chatbox: flag,
      ask_feedback: flag,
      report_incorrect: flag,
      serve_markdown: flag,
      agent_chat_bar: flag,
      agent_copy_button: flag,
      table_of_contents: flag,
      locale_picker: flag,
      refer_link: flag,
      forbid_indexing: flag,
      status_health_dead: flag,
    })
    .optional(),
  service: z.strictObject({ mcp_server: flag }).optional(),
  include: z.strictObject({ html: text }).optional(),
  access: z.strictObject({ restrict_mode: z.string().optional(), password: text, jwt_secret: text }).optional(),
});

function changeDomain(helpdesk: Helpdesk, domain: Helpdesk['domain']): void {
  helpdesk.domain = domain;
  helpdesk.url = helpdeskUrl(domain);
}
