import type { CatalogEntry } from '../../src/catalog/entry.ts';
import type { Arguments } from '../../src/catalog/fields.ts';
import { COUPON } from '../../src/sandbox/inferred.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { member } from '../../src/sandbox/testing.ts';
import type { McpBench } from './mcp-bench.ts';

/**
 * What a generated call needs to be carried out: identifiers of things that are in the sandbox, and for some tools a
 * preparation, such as a campaign to pause. A call drawn at random is valid, but asks for things that nobody has.
 */
type Prepare = (bench: McpBench, known: Arguments) => Promise<Arguments>;

export async function knownArguments(bench: McpBench, { tool, fields }: CatalogEntry): Promise<Arguments> {
  const known = identifiers(bench.sandbox);
  const asked = Object.keys(known).filter(
    (name) => fields[name]?.required || fields[name]?.schema.default !== undefined,
  );
  return {
    ...Object.fromEntries(asked.map((name) => [name, known[name] ?? null])),
    ...(await PREPARATIONS[tool.name]?.(bench, known)),
  };
}

function identifiers({ state }: Sandbox): Arguments {
  const { main } = state;
  const here = [...main.visitors.values()].find(({ session_id }) => main.conversations.has(session_id));
  const conversation = main.conversations.get(here?.session_id ?? '');
  return {
    session_id: conversation?.session_id ?? '',
    fingerprint: conversation?.messages.find(({ type }) => type === 'text')?.fingerprint ?? 0,
    people_id: first(main.people),
    user_id: [...main.operators.keys()][1] ?? '',
    inbox_id: first(main.inboxes),
    team_id: first(main.teams),
    campaign_id: first(main.campaigns),
    template_id: first(main.campaignTemplates),
    plugin_id: first(main.plugins),
    spam_id: first(main.spams),
    token_id: here?.token ?? '',
    locale: 'en',
    content_type: 'articles',
    path: 'dashboards/v1-dashboard.md',
    page_number: 1,
  };
}

const first = (map: ReadonlyMap<string, unknown>): string => [...map.keys()][0] ?? '';
const given =
  (args: Arguments): Prepare =>
  async () =>
    args;
const proof: Prepare = async (bench) => ({ verify: { method: 'password', secret: bench.sandbox.state.ownerSecret } });
const text = (data: unknown, ...path: readonly (string | number)[]) => String(member(data, ...path));

const ongoingCall = (bench: McpBench, { session_id }: Arguments) =>
  bench.sandbox.state.main.conversations.get(String(session_id))?.call?.call_id;

const callId: Prepare = async (bench, known) => {
  const { session_id } = known;
  const ongoing = ongoingCall(bench, known);
  return { call_id: ongoing ?? text(await bench.call('create_a_crisp_conversation_call', { session_id }), 'call_id') };
};

const browsingId: Prepare = async (bench, { session_id }) => {
  await bench.call('create_a_crisp_browsing_session', { session_id });
  return { browsing_id: text(await bench.call('list_all_crisp_browsing_sessions', { session_id }), 0, 'browsing_id') };
};

const changeId: Prepare = async (bench) => {
  const path = `dashboards/new-${bench.sandbox.state.main.helpdesk.changes.length}.md`;
  await bench.call('create_a_crisp_helpdesk_article', { locale: 'en', path });
  return { change_id: text(await bench.call('list_all_crisp_helpdesk_changes'), 0, 'change_id') };
};

const redirectionId: Prepare = async (bench) => {
  await bench.call('create_a_crisp_helpdesk_redirection', { path: '/old', target: 'https://help.example.com/new' });
  return {
    redirection_id: text(await bench.call('list_all_crisp_helpdesk_redirections'), 0, 'redirection_id'),
  };
};

/** Follows a new campaign through its life, up to the last of these steps. */
function campaign(...steps: readonly string[]): Prepare {
  return async (bench) => {
    const created = await bench.call('create_a_crisp_campaign', { type: 'one-shot', name: 'Spring' });
    const campaign_id = text(created, 'campaign_id');
    const settings = { subject: 'Spring', message: 'Hello', recipients: { type: 'all' } };
    await bench.call('update_a_crisp_campaign_fields_by_id', { campaign_id, ...settings });
    for (const step of steps) await bench.call(step, { campaign_id });
    return { campaign_id };
  };
}

const suggestion =
  (list: string, name: string): Prepare =>
  async (bench) => ({ [name]: text(await bench.call(list), 0, name) });

const condition = { model: 'people', criterion: 'segments', operator: 'eq', query: ['vip'] };
const mailing = given({
  recipients: { type: 'filter', filter: [condition] },
  flow: { launch_event: 'signup', assert_filter: [condition] },
});

const PREPARATIONS: Readonly<Record<string, Prepare>> = {
  create_a_crisp_conversation_call: async (bench, known) => {
    const call_id = ongoingCall(bench, known);
    const { session_id } = known;
    if (call_id !== undefined) await bench.call('delete_a_crisp_conversation_call', { session_id, call_id });
    return {};
  },
  create_a_crisp_helpdesk: async (bench, known) => {
    await bench.call('delete_a_crisp_helpdesk', await proof(bench, known));
    return {};
  },
  create_a_crisp_helpdesk_article: given({ path: 'dashboards/another.md' }),
  create_a_crisp_plugin_subscription: given({ plugin_id: 'c64f3595-adee-425a-8d3a-89d47f7ed6bb' }),
  crisp_analytics_generate: given({
    date: { from: '2026-11-01T00:00:00Z', to: '2026-11-24T00:00:00Z', split: 'day', timezone: 'Europe/Paris' },
  }),
  crisp_browsing_sessions_assist: browsingId,
  crisp_browsing_sessions_send_action: async (bench, known) => ({
    ...(await browsingId(bench, known)),
    action: 'start',
  }),
  crisp_calls_transmit_signaling: callId,
  crisp_campaigns_dispatch: campaign(),
  crisp_campaigns_pause: campaign('crisp_campaigns_dispatch'),
  crisp_campaigns_resume: campaign('crisp_campaigns_dispatch', 'crisp_campaigns_pause'),
  crisp_campaigns_test: campaign(),
  crisp_conversations_redeem_verification: async (bench, { session_id }) => {
    const identity = 'email';
    await bench.call('crisp_conversations_request_verification', { session_id, identity, recipient: 'a@example.net' });
    const pending = bench.sandbox.state.main.conversations.get(String(session_id))?.pendingVerifications[0];
    return { identity, token: pending?.token ?? '', recipient: pending?.recipient ?? '' };
  },
  crisp_helpdesk_articles_move: async (bench) => {
    const path = 'dashboards/to-move.md';
    await bench.call('create_a_crisp_helpdesk_article', { locale: 'en', path });
    return { path, action: 'move', to: 'dashboards/moved.md', position: 0 };
  },
  crisp_helpdesk_changes_cancel: changeId,
  crisp_inboxes_reorder: async (_bench, { inbox_id }) => ({ orders: [{ inbox_id: inbox_id ?? '', order: 2 }] }),
  crisp_operators_invite: proof,
  crisp_plan_coupons_check: given({ code: COUPON.code }),
  crisp_plan_coupons_redeem: given({ code: COUPON.code }),
  crisp_plugin_usage_report: given({ usage: { name: 'Messages', units: 250, price: 0.1 } }),
  crisp_spam_conversations_decide: given({ action: 'reject' }),
  crisp_website_deletion_abort: async (bench, known) => {
    await bench.call('delete_a_crisp_website', await proof(bench, known));
    return {};
  },
  delete_a_crisp_conversation_call: callId,
  delete_a_crisp_conversation_data_key: suggestion('list_all_crisp_conversation_data_keys', 'key'),
  delete_a_crisp_conversation_segment: suggestion('list_all_crisp_conversation_segments', 'segment'),
  delete_a_crisp_helpdesk: proof,
  delete_a_crisp_helpdesk_redirection: redirectionId,
  delete_a_crisp_people_suggested_data_key: suggestion('list_all_crisp_people_suggested_data_keys', 'key'),
  delete_a_crisp_people_suggested_event: suggestion('list_all_crisp_people_suggested_events', 'text'),
  delete_a_crisp_people_suggested_segment: suggestion('list_all_crisp_people_suggested_segments', 'segment'),
  delete_a_crisp_website: proof,
  get_single_crisp_conversation_call_by_id: async (bench, known) => {
    await callId(bench, known);
    return {};
  },
  get_single_crisp_helpdesk_change_by_id: changeId,
  get_single_crisp_helpdesk_page_by_id: async (bench) => ({
    entity_id: text(await bench.call('list_all_crisp_helpdesk_pages', { locale: 'en' }), 0, 'entity_id'),
  }),
  get_single_crisp_helpdesk_redirection_by_id: redirectionId,
  get_single_crisp_original_message_by_id: async (bench, { session_id }) => {
    const message = { type: 'text', content: 'Hello', original: { type: 'email', content: 'From: …' } };
    await bench.call('create_a_crisp_message', { session_id, ...message });
    const { originals } = bench.sandbox.state.main.conversations.get(String(session_id)) ?? { originals: [] };
    return { original_id: originals[0]?.original_id ?? '' };
  },
  list_all_crisp_campaign_statistics: given({ action: 'opened' }),
  list_all_crisp_conversations: given({ search_filter: [condition] }),
  list_all_crisp_helpdesk_articles: given({ sub_path: 'dashboards' }),
  update_a_crisp_campaign_by_id: mailing,
  update_a_crisp_campaign_fields_by_id: mailing,
  update_a_crisp_message_by_id: given({ content: 'Corrected' }),
};
