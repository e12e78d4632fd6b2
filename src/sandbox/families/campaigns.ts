import { z } from 'zod';
import { added, deleted, listed, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { Conditions } from '../conditions.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { CAMPAIGN_NOT_FOUND } from '../inferred.ts';
import { type Fields, mergeFields } from '../merge.ts';
import { flag, pageOf } from '../query.ts';
import type { Campaign } from '../website.ts';
import { campaignView, type Stage, stageOf } from './campaign-progress.ts';
import { mostFrequent } from './suggestions.ts';

/** Campaigns until they are sent: create, configure, list, remove. */
export const campaigns: Handlers = {
  'website.listCampaigns': (call) => page(pageOf(call, search(call)).map((campaign) => summary(call, campaign))),
  'website.listCampaignTags': ({ website }) => {
    const tags = [...website.campaigns.values()].map(({ settings }) => [settings.tag]);
    return listed(
      mostFrequent('tag', tags)
        .map(({ tag }) => tag)
        .filter((tag) => tag !== ''),
    );
  },

  'website.createNewCampaign': (call) => {
    const { type, name } = parseBody(NewCampaign, call.body);
    const campaign_id = call.state.newId();
    call.website.campaigns.set(campaign_id, {
      campaign_id,
      type,
      settings: { ...EMPTY_SETTINGS, name },
      dispatched_at: null,
      runningSince: undefined,
      sentForMs: 0,
      created_at: call.now,
      updated_at: call.now,
      statistics: { opened: 0, clicked: 0, unsubscribed: 0 },
    });
    return added({ campaign_id });
  },

  'website.checkCampaignExists': (call) => {
    findCampaign(call);
    return resolved({});
  },
  'website.getCampaign': (call) => resolved(campaignView(findCampaign(call), call.website, call.now)),

  'website.saveCampaign': (call) => {
    const campaign = findCampaign(call);
    const { name } = campaign.settings;
    campaign.settings = { ...EMPTY_SETTINGS, name, ...writable(parseBody(Settings, call.body)) };
    campaign.updated_at = call.now;
    return saved();
  },
  'website.updateCampaign': (call) => {
    const campaign = findCampaign(call);
    campaign.settings = mergeFields(campaign.settings, writable(parseBody(Settings, call.body)));
    campaign.updated_at = call.now;
    return updated();
  },
  'website.removeCampaign': (call) => {
    call.website.campaigns.delete(findCampaign(call).campaign_id);
    return deleted();
  },
};

const EMPTY_SETTINGS: Fields = {
  subject: '',
  format: 'markdown',
  message: '',
  tag: '',
  sender: {},
  recipients: {},
  flow: {},
  options: {
    deliver_to_chatbox: false,
    deliver_to_email: true,
    sender_name_website: false,
    sender_email_reply: true,
    tracking: true,
  },
};

/** Crisp manages these; a value that is sent for them is not taken. */
const MANAGED = new Set([
  'campaign_id',
  'type',
  'ready',
  'dispatched',
  'running',
  'progress',
  'targets',
  'reached',
  'statistics',
  'created_at',
  'updated_at',
  'dispatched_at',
]);

const NewCampaign = z.object({ type: z.enum(['one-shot', 'automated']), name: z.string().min(1) });
const Settings = z.strictObject({
  ...Object.fromEntries([...MANAGED].map((name) => [name, z.unknown().optional()])),
  name: z.string().optional(),
  subject: z.string().optional(),
  message: z.string().optional(),
  format: z.string().optional(),
  tag: z.string().optional(),
  sender: z.strictObject({ user_id: z.string().optional() }).optional(),
  recipients: z
    .strictObject({
      type: z.string().optional(),
      segments: z.array(z.string()).optional(),
      people: z.array(z.string()).optional(),
      filter: Conditions.optional(),
    })
    .optional(),
  flow: z
    .strictObject({
      launch_event: z.string().optional(),
      assert_filter: Conditions.optional(),
      assert_delay: z.int().optional(),
      deliver_once: z.boolean().optional(),
      deliver_delay: z.int().optional(),
    })
    .optional(),
  options: z
    .strictObject({
      deliver_to_chatbox: z.boolean().optional(),
      deliver_to_email: z.boolean().optional(),
      sender_name_website: z.boolean().optional(),
      sender_email_reply: z.boolean().nullish(),
      tracking: z.boolean().optional(),
    })
    .optional(),
});

const writable = (settings: Fields): Fields =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !MANAGED.has(key)));

/** The campaign that the path names. */
export function findCampaign(call: Call): Campaign {
  const campaign = call.website.campaigns.get(param(call, 'campaign_id'));
  if (campaign === undefined) throw new Refusal(CAMPAIGN_NOT_FOUND);
  return campaign;
}

const STAGES: readonly Stage[] = ['not_configured', 'ready', 'paused', 'sending', 'done'];

function search({ website, query, now }: Call): readonly Campaign[] {
  const text = query.get('search_name')?.toLowerCase() ?? '';
  const tag = query.get('filter_tag');
  const stages = STAGES.filter((stage) => flag(query, `filter_status_${stage}`));
  const oneShot = flag(query, 'filter_type_one_shot');
  const automated = flag(query, 'filter_type_automated');
  return [...website.campaigns.values()]
    .filter(({ settings }) => String(settings.name).toLowerCase().includes(text))
    .filter(({ settings }) => tag === null || tag === '' || settings.tag === tag)
    .filter(({ type }) => oneShot === automated || (type === 'one-shot') === oneShot)
    .filter((campaign) => stages.length === 0 || stages.includes(stageOf(campaign, now)))
    .sort((a, b) => b.created_at - a.created_at);
}

/** The list shows a campaign without its text, recipients and flow. */
function summary(call: Call, campaign: Campaign): Readonly<Record<string, unknown>> {
  const {
    message: _message,
    recipients: _recipients,
    flow: _flow,
    options: _options,
    sender: _sender,
    statistics: _statistics,
    ...shown
  } = campaignView(campaign, call.website, call.now);
  return shown;
}
