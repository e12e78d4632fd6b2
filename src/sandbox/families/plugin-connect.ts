import { listed, page, resolved } from '../answer.ts';
import type { Call, Handlers } from '../handler.ts';
import { date, flag, pageOf } from '../query.ts';

/** What a plugin may ask of itself and of the websites that installed it. The token of each website is a secret. */
export const ENDPOINTS = {
  socket: { app: 'wss://app.relay.example.com/w/a1/', stream: 'wss://stream.relay.example.com/w/a1/' },
  rescue: {
    socket: { app: 'wss://app.rescue.example.com/w/a1/', stream: 'wss://stream.rescue.example.com/w/a1/' },
    app: { app: 'https://app.rescue.example.com/', stream: 'https://stream.rescue.example.com/' },
  },
};

export const pluginConnect: Handlers = {
  'plugin.getConnectAccount': ({ state }) => resolved({ plugin_id: state.pluginId }),
  'plugin.checkConnectSessionValidity': () => resolved({}),
  'plugin.listAllConnectWebsites': (call) => page(pageOf(call, websites(call))),

  'plugin.listConnectWebsitesSince': (call) => {
    const since = date(call.query, 'date_since') ?? 0;
    return listed(websites(call, since));
  },

  'plugin.getConnectEndpoints': () =>
    resolved({
      socket: { app: ENDPOINTS.socket.app },
      rescue: { socket: { app: ENDPOINTS.rescue.socket.app }, app: { app: ENDPOINTS.rescue.app.app } },
    }),
};

function websites({ state, query }: Call, since = 0) {
  const onlyConfigured = flag(query, 'filter_configured');
  const withPlan = flag(query, 'include_plan');
  return [...state.websites.values()].flatMap((website) => {
    const plugin = website.plugins.get(state.pluginId);
    if (plugin === undefined || plugin.since < since) return [];
    if (onlyConfigured && Object.keys(plugin.settings).length === 0) return [];
    const { token, settings } = plugin;
    const plan = website.plan && { id: website.plan.plan_id, name: website.plan.name, trialing: false };
    return [
      {
        website_id: website.website_id,
        price: 0,
        token,
        settings,
        ...(withPlan && plan !== undefined ? { plan } : {}),
        ...(since > 0 ? { difference: 'linked' } : {}),
      },
    ];
  });
}
