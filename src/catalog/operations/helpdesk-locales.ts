import { flag, list, matching, required, text, url } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** The languages of the helpdesk, and what is done with all articles of one at once. */
export const helpdeskLocales: Family = {
  tags: ['helpdesk'],
  operations: [
    {
      id: 'website.listHelpdeskLocales',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/locales/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_helpdesk_locales',
        title: 'List helpdesk locales',
        description: 'Lists the languages of the helpdesk: locale, public URL and number of articles.',
        class: 'list',
      },
    },
    {
      id: 'website.addHelpdeskLocale',
      method: 'POST',
      path: '/website/{website_id}/helpdesk/locale',
      tiers: TIERS.open,
      body: {
        locale: required(
          matching('Such as pt-br, not in list_all_crisp_helpdesk_locales', '^[a-z]{2,3}([-_][a-zA-Z0-9]{2,8})*$'),
        ),
      },
      tool: {
        name: 'create_a_crisp_helpdesk_locale',
        title: 'Add a helpdesk locale',
        description: 'Adds a language to the helpdesk. It has no articles yet.',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.checkHelpdeskLocaleExists',
      method: 'HEAD',
      path: '/website/{website_id}/helpdesk/locale/{locale}',
      tiers: TIERS.open,
      answer: { exists: true },
      tool: {
        name: 'crisp_helpdesk_locales_exists',
        title: 'Check whether a helpdesk locale exists',
        description: 'Tells whether the helpdesk has this language.',
        class: 'custom',
      },
    },
    {
      id: 'website.resolveHelpdeskLocale',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/locale/{locale}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_helpdesk_locale_by_id',
        title: 'Get a helpdesk locale',
        description: 'Gets one language of the helpdesk: public URL and numbers of entries and groups of each part.',
        class: 'get',
      },
    },
    {
      id: 'website.deleteHelpdeskLocale',
      method: 'DELETE',
      path: '/website/{website_id}/helpdesk/locale/{locale}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_helpdesk_locale',
        title: 'Delete a helpdesk locale',
        description: 'Deletes a language of the helpdesk with all its articles. They cannot be brought back.',
        class: 'delete',
        openWorld: true,
      },
    },
    {
      id: 'website.requestHelpdeskContentRefresh',
      method: 'POST',
      path: '/website/{website_id}/helpdesk/refresh/{locale}/{content_type}',
      tiers: TIERS.unknown,
      tool: {
        name: 'crisp_helpdesk_content_refresh',
        title: 'Refresh the public helpdesk',
        description: 'Asks Crisp to make the public pages of one locale anew from its articles.',
        class: 'custom',
        idempotent: true,
        openWorld: true,
      },
    },
    {
      id: 'website.importExternalHelpdeskToLocale',
      method: 'POST',
      path: '/website/{website_id}/helpdesk/import/{locale}/{content_type}',
      tiers: TIERS.user,
      body: {
        helpdesk_url: required(url('Helpdesk to import from')),
        detect_locales: flag('Find its other languages'),
        other_locales: list('Other languages to import', text('')),
      },
      answer: { note: 'Accepted: Crisp imports in the background.' },
      tool: {
        name: 'crisp_helpdesk_articles_import',
        title: 'Import a helpdesk',
        description:
          'Imports the articles of a helpdesk elsewhere on the web into one locale, in the background. Needs a user-tier credential.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.exportHelpdeskLocaleArticles',
      method: 'POST',
      path: '/website/{website_id}/helpdesk/export/{locale}/{content_type}',
      tiers: TIERS.user,
      answer: { note: 'Accepted: Crisp exports in the background; the file is not part of this answer.' },
      tool: {
        name: 'crisp_helpdesk_articles_export',
        title: 'Export helpdesk articles',
        description:
          'Starts an export of all articles of one locale. Crisp delivers the file outside of this API. Needs a user-tier credential.',
        class: 'custom',
        openWorld: true,
      },
    },
  ],
};
