import { dateTime, defaulting, flag } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Each website of the list comes with a token of the plugin for it. */
const TOKEN = ['token'];

const which = {
  filter_configured: defaulting(flag('Only where the plugin is set up'), false),
  include_plan: defaulting(flag('With the plan of each'), false),
};

export const pluginConnect: Family = {
  tags: ['plugins'],
  operations: [
    {
      id: 'plugin.getConnectAccount',
      method: 'GET',
      path: '/plugin/connect/account',
      tiers: TIERS.plugin,
      tool: {
        name: 'get_single_crisp_plugin_account_by_id',
        title: 'Get the plugin of the credential',
        description: 'Gets the plugin_id of the plugin to which the plugin-tier credential of this server belongs.',
        class: 'get',
      },
    },
    {
      id: 'plugin.checkConnectSessionValidity',
      method: 'HEAD',
      path: '/plugin/connect/session',
      tiers: TIERS.plugin,
      answer: { exists: true },
      tool: {
        name: 'crisp_plugin_session_exists',
        title: 'Check the session of the plugin',
        description: 'Tells whether the session of the plugin behind the plugin-tier credential is valid.',
        class: 'custom',
      },
    },
    {
      id: 'plugin.listAllConnectWebsites',
      method: 'GET',
      path: '/plugin/connect/websites/all/{page_number}',
      tiers: TIERS.plugin,
      query: which,
      answer: { page: {}, redact: TOKEN },
      tool: {
        name: 'list_all_crisp_plugin_websites',
        title: 'List websites that installed the plugin',
        description:
          'Lists all websites that installed the plugin behind the credential, a page at a time: website_id, price, settings. Tokens are redacted. Needs a plugin-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'plugin.listConnectWebsitesSince',
      method: 'GET',
      path: '/plugin/connect/websites/since',
      tiers: TIERS.plugin,
      query: { date_since: dateTime('Changed at or after'), ...which },
      answer: { redact: TOKEN },
      tool: {
        name: 'list_all_crisp_plugin_websites_since',
        title: 'List changes among websites of the plugin',
        description:
          'Lists the websites that installed, removed or changed the plugin since a date; difference says which. Tokens are redacted. Needs a plugin-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'plugin.getConnectEndpoints',
      method: 'GET',
      path: '/plugin/connect/endpoints',
      tiers: TIERS.plugin,
      tool: {
        name: 'get_single_crisp_plugin_endpoints_by_id',
        title: 'Get the event addresses of the plugin',
        description: 'Gets the addresses at which the plugin can listen to real-time events of all its websites.',
        class: 'get',
      },
    },
  ],
};
