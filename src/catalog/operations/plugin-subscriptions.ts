import { openObject, required, text, uuid } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

const FREE_FORM = 'free-form JSON object';
const settings = required(openObject('As the plugin defines them, see schema in its settings', FREE_FORM));

export const pluginSubscriptions: Family = {
  tags: ['plugins'],
  operations: [
    {
      id: 'plugin.listAllActiveSubscriptions',
      method: 'GET',
      path: '/plugins/subscription',
      tiers: TIERS.user,
      tool: {
        name: 'list_all_crisp_active_plugin_subscriptions',
        title: 'List the plugins of all websites',
        description:
          'Lists the plugins on all websites of the user behind the credential: plugin (id), name, price, website_id. Needs a user-tier credential.',
        class: 'list',
        tags: ['billing'],
      },
    },
    {
      id: 'plugin.listSubscriptionsForWebsite',
      method: 'GET',
      path: '/plugins/subscription/{website_id}',
      tiers: TIERS.user,
      tool: {
        name: 'list_all_crisp_plugin_subscriptions',
        title: 'List the plugins of the website',
        description:
          'Lists the plugins that are installed on this website: id (which is the plugin_id elsewhere), urn, name, price, whether active. Needs a user-tier credential.',
        class: 'list',
        tags: ['billing'],
      },
    },
    {
      id: 'plugin.getSubscriptionDetails',
      method: 'GET',
      path: '/plugins/subscription/{website_id}/{plugin_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_plugin_subscription_by_id',
        title: 'Get a plugin of the website',
        description: 'Gets one plugin of this website: name, summary, price, plans, links, since when, whether active.',
        class: 'get',
        tags: ['billing'],
      },
    },
    {
      id: 'plugin.subscribeWebsiteToPlugin',
      method: 'POST',
      path: '/plugins/subscription/{website_id}',
      tiers: TIERS.user,
      body: { plugin_id: required(uuid('From the Crisp Marketplace; no tool lists what can be installed')) },
      tool: {
        name: 'create_a_crisp_plugin_subscription',
        title: 'Install a plugin',
        description:
          'Installs a plugin on the website, which gives it access to data of the website and may cost money. Needs a user-tier credential.',
        class: 'create',
        tags: ['billing'],
        openWorld: true,
      },
    },
    {
      id: 'plugin.unsubscribePluginFromWebsite',
      method: 'DELETE',
      path: '/plugins/subscription/{website_id}/{plugin_id}',
      tiers: TIERS.user,
      tool: {
        name: 'delete_a_crisp_plugin_subscription',
        title: 'Remove a plugin',
        description:
          'Removes a plugin from the website; it stops working at once and its settings are lost. Needs a user-tier credential.',
        class: 'delete',
        tags: ['billing'],
        openWorld: true,
      },
    },
    {
      id: 'plugin.getSubscriptionSettings',
      method: 'GET',
      path: '/plugins/subscription/{website_id}/{plugin_id}/settings',
      tiers: TIERS.open,
      answer: { redact: ['token'] },
      tool: {
        name: 'get_single_crisp_plugin_settings_by_id',
        title: 'Get the settings of a plugin',
        description:
          "Gets how a plugin is set up on the website, and the schema of its settings. The plugin's token is redacted.",
        class: 'get',
      },
    },
    {
      id: 'plugin.saveSubscriptionSettings',
      method: 'PUT',
      path: '/plugins/subscription/{website_id}/{plugin_id}/settings',
      tiers: TIERS.open,
      body: { settings },
      toBody: (args) => args.settings ?? {},
      tool: {
        name: 'update_a_crisp_plugin_settings_by_id',
        title: 'Replace the settings of a plugin',
        description:
          'Replaces all settings of a plugin (PUT): what is not sent is lost. To change some use update_a_crisp_plugin_settings_fields_by_id.',
        class: 'update',
        openWorld: true,
      },
    },
    {
      id: 'plugin.updateSubscriptionSettings',
      method: 'PATCH',
      path: '/plugins/subscription/{website_id}/{plugin_id}/settings',
      tiers: TIERS.open,
      body: { settings },
      toBody: (args) => args.settings ?? {},
      tool: {
        name: 'update_a_crisp_plugin_settings_fields_by_id',
        title: 'Change settings of a plugin',
        description: 'Changes the given settings of a plugin (PATCH) and keeps the others.',
        class: 'update',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'plugin.getPluginUsageBills',
      method: 'GET',
      path: '/plugins/subscription/{website_id}/{plugin_id}/bill/usage',
      tiers: TIERS.open,
      tool: {
        name: 'list_all_crisp_plugin_usage_bills',
        title: 'List what a plugin billed',
        description: 'Lists the usage that a plugin has billed to the website: name, units, price.',
        class: 'list',
        tags: ['billing'],
      },
    },
    {
      id: 'plugin.reportPluginUsageToBill',
      method: 'POST',
      path: '/plugins/subscription/{website_id}/{plugin_id}/bill/usage',
      tiers: TIERS.plugin,
      body: { usage: required(openObject('Such as { "name": "Messages", "units": 250, "price": 0.1 }', FREE_FORM)) },
      toBody: (args) => args.usage ?? {},
      tool: {
        name: 'crisp_plugin_usage_report',
        title: 'Bill usage of a plugin',
        description:
          'Reports usage of the plugin behind the credential, which the website pays. Twice bills twice. Needs a plugin-tier credential.',
        class: 'custom',
        tags: ['billing'],
        openWorld: true,
      },
    },
    {
      id: 'plugin.getPluginAttestProvenance',
      method: 'GET',
      path: '/plugins/subscription/{website_id}/{plugin_id}/attest/provenance',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_plugin_provenance_by_id',
        title: 'Get a proof of who asks',
        description:
          'Gets a signed statement, valid for a short time, by which a plugin can see which website and operator a request comes from.',
        class: 'get',
      },
    },
    {
      id: 'plugin.forwardPluginPayloadToChannel',
      method: 'POST',
      path: '/plugins/subscription/{website_id}/{plugin_id}/channel',
      tiers: TIERS.open,
      body: {
        namespace: required(text('Of the channel, such as bot:step', { min: 1 })),
        identifier: text('Of the channel'),
        payload: required(openObject('What the plugin expects', 'additional_properties: true')),
      },
      tool: {
        name: 'crisp_plugin_payloads_forward',
        title: 'Send data to a plugin',
        description: 'Sends data into a channel of a plugin of the website. What happens then is up to the plugin.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'plugin.dispatchPluginEvent',
      method: 'POST',
      path: '/plugins/subscription/{website_id}/{plugin_id}/event',
      tiers: TIERS.open,
      body: {
        name: required(text('Such as bot-is-running', { min: 1 })),
        data: openObject('What the plugin expects', 'additional_properties: true'),
      },
      tool: {
        name: 'crisp_plugin_events_dispatch',
        title: 'Dispatch an event of a plugin',
        description: 'Dispatches an event of a plugin to those who listen to the website in real time.',
        class: 'custom',
        openWorld: true,
      },
    },
  ],
};
