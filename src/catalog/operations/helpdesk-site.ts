import { choice, type Fields, flag, nullable, object, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';

/** The helpdesk as a site: whether there is one, its name, look, behaviour, who may read it, and its domain. */
const emptiable = nullable(text(''));

const settings: Fields = {
  name: text('Name of the helpdesk'),
  appearance: object('Look', {
    color: object('', { mode: text(''), mode_changeable: flag('') }),
    logos: object('URLs', { favicon: emptiable, header: emptiable, footer: emptiable }),
    banner: nullable(text('URL')),
  }),
  localization: object('Languages', {
    writing_locale: text(''),
    translated_automatic: flag(''),
    translated_locales_readonly: flag(''),
  }),
  section: object('Titles of the parts', {
    articles: text(''),
    guides: text(''),
    references: text(''),
    news: text(''),
  }),
  behavior: object('What pages show and do', {
    frequently_read: flag(''),
    show_category_images: flag(''),
    show_chatbox: flag(''),
    ask_feedback: flag(''),
    report_incorrect: flag(''),
    serve_markdown: flag(''),
    agent_chat_bar: flag(''),
    agent_copy_button: flag(''),
    table_of_contents: flag(''),
    locale_picker: flag(''),
    refer_link: flag(''),
    forbid_indexing: flag(''),
    status_health_dead: flag(''),
  }),
  service: object('Services beside pages', { mcp_server: flag('') }),
  include: object('Own code in every page', { html: emptiable }),
  access: object('Who may read', { restrict_mode: text(''), password: emptiable, jwt_secret: emptiable }),
};

/** What opens a helpdesk that is not public. */
const ACCESS_SECRETS = ['password', 'jwt_secret'];

export const helpdeskSite: Family = {
  tags: ['helpdesk'],
  operations: [
    {
      id: 'website.checkHelpdeskExists',
      method: 'HEAD',
      path: '/website/{website_id}/helpdesk',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_helpdesk_exists',
        title: 'Check whether there is a helpdesk',
        description: 'Tells whether the website has a helpdesk (knowledge base).',
        class: 'custom',
      },
    },
    {
      id: 'website.resolveHelpdesk',
      method: 'GET',
      path: '/website/{website_id}/helpdesk',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_helpdesk_by_id',
        title: 'Get the helpdesk',
        description: 'Gets name and public URL of the helpdesk.',
        class: 'get',
      },
    },
    {
      id: 'website.initializeHelpdesk',
      method: 'POST',
      path: '/website/{website_id}/helpdesk',
      tiers: TIERS.user,
      body: {
        name: required(text('Name of the helpdesk', { min: 1 })),
        domain_basic: required(text("Sub-domain on Crisp's domain for helpdesks", { min: 1 })),
      },
      tool: {
        name: 'create_a_crisp_helpdesk',
        title: 'Set up the helpdesk',
        description:
          'Sets up the helpdesk of a website that has none, under a public sub-domain. Needs a user-tier credential and a plan with a helpdesk (subscription_upgrade_required).',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.deleteHelpdesk',
      method: 'DELETE',
      path: '/website/{website_id}/helpdesk',
      tiers: TIERS.user,
      body: {
        verify: required(
          object('Proof of identity of the operator who deletes', {
            method: required(choice('', ['password', 'token', 'google'])),
            secret: required(text('The password, one-time token or Google token', { min: 1 })),
          }),
        ),
      },
      tool: {
        name: 'delete_a_crisp_helpdesk',
        title: 'Delete the helpdesk',
        description:
          'Deletes the whole helpdesk: articles in all languages, settings, domain. It cannot be brought back. Needs a user-tier credential and its secret.',
        class: 'delete',
        openWorld: true,
      },
    },
    {
      id: 'website.resolveHelpdeskSettings',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/settings',
      tiers: TIERS.open,
      answer: { redact: ACCESS_SECRETS },
      tool: {
        name: 'get_single_crisp_helpdesk_settings_by_id',
        title: 'Get helpdesk settings',
        description:
          'Gets the settings of the helpdesk: name, appearance, languages, behavior, access. Secrets are redacted.',
        class: 'get',
      },
    },
    {
      id: 'website.saveHelpdeskSettings',
      method: 'PATCH',
      path: '/website/{website_id}/helpdesk/settings',
      tiers: TIERS.open,
      body: settings,
      check: (args) => nothingToChange(args, []),
      tool: {
        name: 'update_a_crisp_helpdesk_settings_by_id',
        title: 'Change helpdesk settings',
        description: 'Changes settings of the helpdesk, which the public sees at once; what is not given stays.',
        class: 'update',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.resolveHelpdeskDomain',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/domain',
      tiers: TIERS.user,
      tool: {
        name: 'get_single_crisp_helpdesk_domain_by_id',
        title: 'Get the helpdesk domain',
        description:
          'Gets the domain of the helpdesk: root, basic, custom, and whether the custom one is verified. Needs a user-tier credential.',
        class: 'get',
      },
    },
    {
      id: 'website.requestHelpdeskDomainChange',
      method: 'PATCH',
      path: '/website/{website_id}/helpdesk/domain',
      tiers: TIERS.user,
      body: {
        basic: required(text("Sub-domain on Crisp's domain for helpdesks")),
        custom: required(text('Own domain, such as help.example.com')),
      },
      tool: {
        name: 'update_a_crisp_helpdesk_domain_by_id',
        title: 'Change the helpdesk domain',
        description:
          'Requests other domains for the helpdesk; its old addresses stop working. A custom domain works once its DNS records are there: crisp_helpdesk_domain_setup lists them. Needs a user-tier credential.',
        class: 'update',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.generateHelpdeskDomainSetupFlow',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/domain/setup',
      tiers: TIERS.user,
      query: { custom: text('Own domain, such as help.example.com', { min: 1 }) },
      tool: {
        name: 'crisp_helpdesk_domain_setup',
        title: 'List DNS records of a helpdesk domain',
        description: 'Gets the DNS records that a custom domain of the helpdesk needs. Needs a user-tier credential.',
        class: 'custom',
      },
    },
  ],
};
