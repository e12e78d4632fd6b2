import { z } from 'zod';
import { acted, deleted, listed, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { PLUGIN_EXISTS, PLUGIN_NOT_FOUND, PROVENANCE_MS } from '../inferred.ts';
import { mergeFields } from '../merge.ts';
import type { InstalledPlugin, Website } from '../website.ts';

/** Plugins that are installed on the website, with their settings, events and bills. */
export const pluginSubscriptions: Handlers = {
  'plugin.listAllActiveSubscriptions': ({ state }) =>
    listed([...state.websites.values()].flatMap((website) => installed(website))),
  'plugin.listSubscriptionsForWebsite': ({ website }) => listed(installed(website)),
  'plugin.getSubscriptionDetails': (call) => resolved(view(call.website, findPlugin(call))),

  'plugin.subscribeWebsiteToPlugin': ({ state, website, body, now }) => {
    const { plugin_id } = parseBody(z.object({ plugin_id: z.string().min(1) }), body);
    if (website.plugins.has(plugin_id)) throw new Refusal(PLUGIN_EXISTS);
    const token = state.newSecret();
    const name = `Plugin ${plugin_id.slice(0, 8)}`;
    website.plugins.set(plugin_id, { plugin_id, name, since: now, token, settings: {}, usage: [] });
    if (plugin_id === state.pluginId) website.pluginInstalled = true;
    return acted();
  },

  'plugin.unsubscribePluginFromWebsite': (call) => {
    const { plugin_id } = findPlugin(call);
    call.website.plugins.delete(plugin_id);
    if (plugin_id === call.state.pluginId) call.website.pluginInstalled = false;
    return deleted();
  },

  'plugin.getSubscriptionSettings': (call) => {
    const { plugin_id, token, settings } = findPlugin(call);
    return resolved({
      plugin_id,
      website_id: call.website.website_id,
      token,
      schema: { type: 'object' },
      settings,
      settings_form_url: '',
      callback_url: '',
    });
  },

  'plugin.saveSubscriptionSettings': (call) => {
    findPlugin(call).settings = parseBody(FreeForm, call.body);
    return saved();
  },

  'plugin.updateSubscriptionSettings': (call) => {
    const plugin = findPlugin(call);
    plugin.settings = mergeFields(plugin.settings, parseBody(FreeForm, call.body));
    return updated();
  },

  'plugin.getPluginUsageBills': (call) => listed(findPlugin(call).usage),

  'plugin.reportPluginUsageToBill': (call) => {
    findPlugin(call).usage.push(parseBody(Usage, call.body));
    return acted();
  },

  'plugin.getPluginAttestProvenance': (call) => {
    const { plugin_id } = findPlugin(call);
    const [owner] = call.website.operators.values();
    return resolved({
      payload: {
        website: { website_id: call.website.website_id },
        user: { user_id: owner?.user_id ?? '', role: owner?.role ?? '' },
        plugin: { plugin_id },
      },
      signed: 'signature-of-the-sandbox',
      expire_at: call.now + PROVENANCE_MS,
    });
  },

  'plugin.forwardPluginPayloadToChannel': (call) => {
    findPlugin(call);
    parseBody(ChannelPayload, call.body);
    return acted();
  },

  'plugin.dispatchPluginEvent': (call) => {
    findPlugin(call);
    parseBody(PluginEvent, call.body);
    return acted();
  },
};

const FreeForm = z.record(z.string(), z.unknown());
const Usage = z.object({ name: z.string(), units: z.int().min(0), price: z.number().min(0) });
const ChannelPayload = z.object({ namespace: z.string(), identifier: z.string().optional(), payload: FreeForm });
const PluginEvent = z.object({ name: z.string(), data: FreeForm.optional() });

function findPlugin(call: Call): InstalledPlugin {
  const plugin = call.website.plugins.get(param(call, 'plugin_id'));
  if (plugin === undefined) throw new Refusal(PLUGIN_NOT_FOUND);
  return plugin;
}

const installed = (website: Website) => [...website.plugins.values()].map((plugin) => view(website, plugin));

function view(website: Website, { plugin_id, name, since }: InstalledPlugin) {
  const slug = name.toLowerCase().replaceAll(' ', '-');
  const page = `https://plugins.example.com/${slug}`;
  return {
    id: plugin_id,
    urn: `urn:example.com:${slug}:0`,
    type: 'internal',
    category: 'productivity',
    name,
    summary: `${name} for the team`,
    price: 0,
    plans: [],
    icon: `${page}/icon.png`,
    website_url: page,
    contact_url: `${page}/contact`,
    terms_url: `${page}/terms`,
    privacy_url: `${page}/privacy`,
    help_url: `${page}/help`,
    video_url: '',
    configurable: true,
    since: new Date(since).toISOString(),
    active: true,
    website_id: website.website_id,
    card_id: '',
    bill_period: 'monthly',
    bill_valid_until: '',
  };
}
