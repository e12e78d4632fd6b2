import { anything, choice, dateTime, dictionary, type Field, flag, list, object, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';

/** What an owner proves before something that cannot be undone. */
export const verification: Field = object('Proof of identity of the operator behind the credential', {
  method: required(choice('', ['password', 'token', 'google'])),
  secret: required(text('The password, one-time token or Google token', { min: 1 })),
});

const flags = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, flag('')]));
const texts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, text('')]));
const lists = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, list('', text(''))]));

const chatbox = object('The chatbox that visitors see', {
  ...flags([
    'conversations',
    'wait_game',
    'website_logo',
    'last_operator_face',
    'ongoing_operator_face',
    'activity_metrics',
    'operator_privacy',
    'visitor_privacy',
    'availability_tooltip',
    'hide_vacation',
    'hide_on_away',
    'hide_on_mobile',
    'position_reverse',
    'email_visitors',
    'phone_visitors',
    'force_identify',
    'ignore_privacy',
    'visitor_compose',
    'file_transfer',
    'audio_record',
    'home',
    'overlay_search',
    'overlay_mode',
    'helpdesk_link',
    'helpdesk_only',
    'status_health_dead',
    'check_domain',
  ]),
  ...texts([
    'tile',
    'guard_level',
    'mode_initial',
    'helpdesk_navigate',
    'color_theme',
    'color_mode',
    'layout_theme',
    'text_theme',
    'welcome_message',
    'locale',
  ]),
  ...lists(['allowed_pages', 'blocked_pages', 'blocked_countries', 'blocked_locales', 'blocked_ips']),
});

export const website: Family = {
  tags: ['website'],
  operations: [
    {
      id: 'website.checkWebsiteExists',
      method: 'HEAD',
      path: '/website',
      tiers: TIERS.open,
      query: { domain: required(text('Such as example.com', { min: 1, max: 253 })) },
      answer: { exists: true },
      tool: {
        name: 'crisp_websites_exists',
        title: 'Check whether a domain is on Crisp',
        description: 'Tells whether any Crisp website (workspace), of anybody, has this domain.',
        class: 'custom',
      },
    },
    {
      id: 'website.createWebsite',
      method: 'POST',
      path: '/website',
      tiers: TIERS.user,
      body: {
        name: required(text('Name of the new website', { min: 1 })),
        domain: required(text('Its domain, such as example.com', { min: 1, max: 253 })),
      },
      tool: {
        name: 'create_a_crisp_website',
        title: 'Create another website',
        description:
          'Creates another Crisp website (workspace) beside the one that this server serves and returns its website_id. This server cannot work with it. quota_limit_exceeded: the account may not have more. Needs a user-tier credential.',
        class: 'create',
      },
    },
    {
      id: 'website.getWebsite',
      method: 'GET',
      path: '/website/{website_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_website_by_id',
        title: 'Get the website',
        description:
          'Gets the Crisp website (workspace) that this server serves: its name, domain, logo and whether it is verified.',
        class: 'get',
      },
    },
    {
      id: 'website.deleteWebsite',
      method: 'DELETE',
      path: '/website/{website_id}',
      tiers: TIERS.user,
      body: { verify: required(verification) },
      tool: {
        name: 'delete_a_crisp_website',
        title: 'Delete the website',
        description:
          'Schedules the deletion of the whole Crisp website (workspace) with all conversations, people and articles. Crisp e-mails the owners and deletes some days later; until then crisp_website_deletion_abort calls it off. Needs a user-tier credential of an owner. A wrong secret is answered with password_unverified.',
        class: 'delete',
      },
    },
    {
      id: 'website.abortWebsiteDeletion',
      method: 'DELETE',
      path: '/website/{website_id}/expunge',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_website_deletion_abort',
        title: 'Call the deletion of the website off',
        description:
          'Calls off a deletion that delete_a_crisp_website scheduled and that has not been carried out yet. Needs a user-tier credential.',
        class: 'custom',
        destructive: false,
      },
    },
    {
      id: 'website.getWebsiteSettings',
      method: 'GET',
      path: '/website/{website_id}/settings',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_website_settings_by_id',
        title: 'Get the settings of the website',
        description:
          'Gets the settings of the website: name, domains, contact, inbox, e-mails and the whole chatbox (theme, privacy, blocked pages, countries, IPs).',
        class: 'get',
      },
    },
    {
      id: 'website.updateWebsiteSettings',
      method: 'PATCH',
      path: '/website/{website_id}/settings',
      tiers: TIERS.open,
      body: {
        name: text('Name of the website'),
        domain: text('Main domain'),
        domain_alternates: list('Other domains', text('')),
        logo: text('URL of an image'),
        audit: object('Audit log', { log: flag('') }),
        contact: object(
          'How to reach the team',
          texts(['email', 'phone', 'messenger', 'telegram', 'twitter', 'whatsapp', 'instagram']),
        ),
        inbox: object('For operators', { ...flags(['lock_removal', 'force_operator_token']), locale: text('') }),
        emails: object(
          'Which e-mails are sent, and how',
          flags(['rating', 'transcript', 'trackers', 'junk_filter', 'enrich']),
        ),
        chatbox,
      },
      check: (args) => nothingToChange(args, []),
      tool: {
        name: 'update_a_crisp_website_settings_by_id',
        title: 'Change settings of the website',
        description:
          'Changes the given settings and keeps the others, visitors see it at once. A list is replaced by the one sent. Read get_single_crisp_website_settings_by_id first: it shows the values in use, and Crisp does not publish which others there are.',
        class: 'update',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.getWebsiteAvailabilityStatus',
      method: 'GET',
      path: '/website/{website_id}/availability/status',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_website_availability_by_id',
        title: 'Get whether the team is online',
        description: 'Gets whether visitors see the team as online or away, and since when (ms).',
        class: 'get',
        tags: ['operators'],
      },
    },
    {
      id: 'website.listWebsiteOperatorAvailabilities',
      method: 'GET',
      path: '/website/{website_id}/availability/operators',
      tiers: TIERS.open,
      tool: {
        name: 'list_all_crisp_operator_availabilities',
        title: 'List who is online',
        description:
          'Lists for each operator (user_id) whether they are online or away, for how long and since when (ms).',
        class: 'list',
        tags: ['operators', 'support'],
      },
    },
    {
      id: 'website.generateAnalytics',
      method: 'POST',
      path: '/website/{website_id}/analytics/generate',
      tiers: TIERS.user,
      body: {
        metric: required(
          text(
            'Not published; seen: conversation, conversation_assigned, conversation_segment, helpdesk_read, visitor_visit, campaign_sent, people_created',
            { min: 1 },
          ),
        ),
        type: required(text('Not published; seen: total, unique, response_time, resolution_time, rating', { min: 1 })),
        aggregator: text('Values not published'),
        split_by: text('Dimension; values not published'),
        filter: anything('Form not published', 'shape not found'),
        date: required(
          object('Period', {
            from: required(dateTime('')),
            to: required(dateTime('')),
            split: required(text('hour, day, week or month')),
            timezone: required(text('Such as Europe/Paris')),
            days: dictionary(
              'By weekday, monday to sunday',
              object('', { hour_from: required(text('')), hour_to: required(text('')) }),
            ),
          }),
        ),
        if: object('Only where', { metric: required(text('')), split_by: required(text('')) }),
        // biome-ignore lint/suspicious/noThenProperty: a member of Crisp's query
        then: object('What to count then', { type: text(''), filter: anything('', 'type any') }),
        raw_export: flag('Raw data'),
      },
      tool: {
        name: 'crisp_analytics_generate',
        title: 'Compute statistics',
        description:
          'Computes one metric over a period and returns its values: period, value, hits. Changes nothing. Crisp does not publish the names of metrics and types; invalid_data tells what it does not take. Needs a user-tier credential.',
        class: 'custom',
        effect: 'read',
        tags: ['analytics'],
      },
    },
    {
      id: 'website.getConnectEndpoints',
      method: 'GET',
      path: '/website/{website_id}/connect/endpoints',
      tiers: TIERS.unknown,
      tool: {
        name: 'get_single_crisp_website_endpoints_by_id',
        title: 'Get the addresses of real-time events',
        description: 'Gets the addresses at which a program can listen to real-time events of the website.',
        class: 'get',
      },
    },
  ],
};
