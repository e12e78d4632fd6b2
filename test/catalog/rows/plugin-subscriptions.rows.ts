import { type Rows, WEBSITE } from '../row.ts';

export const pluginSubscriptions: Rows = {
  'plugin.listAllActiveSubscriptions': { call: () => [] },
  'plugin.listSubscriptionsForWebsite': { call: () => [WEBSITE] },
  'plugin.getSubscriptionDetails': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.subscribeWebsiteToPlugin': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.unsubscribePluginFromWebsite': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.getSubscriptionSettings': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.saveSubscriptionSettings': { call: (a) => [WEBSITE, a.plugin_id, a.settings] },
  'plugin.updateSubscriptionSettings': { call: (a) => [WEBSITE, a.plugin_id, a.settings] },
  'plugin.getPluginUsageBills': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.reportPluginUsageToBill': { call: (a) => [WEBSITE, a.plugin_id, a.usage] },
  'plugin.getPluginAttestProvenance': { call: (a) => [WEBSITE, a.plugin_id] },
  'plugin.forwardPluginPayloadToChannel': { call: ({ plugin_id, ...body }) => [WEBSITE, plugin_id, body] },
  'plugin.dispatchPluginEvent': { call: ({ plugin_id, ...body }) => [WEBSITE, plugin_id, body] },
};
