import { z } from 'zod';
import { acted, added, deleted, listed, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import {
  CAMPAIGN_ALREADY_DISPATCHED,
  CAMPAIGN_NOT_DISPATCHED,
  CAMPAIGN_NOT_FOUND,
  CAMPAIGN_NOT_READY,
  TEMPLATE_NOT_FOUND,
} from '../inferred.ts';
import { type Fields, mergeFields } from '../merge.ts';
import { flag, pageOf } from '../query.ts';
import type { Campaign } from '../website.ts';
import { campaignView, isReady, recipientsOf, type Stage, stageOf } from './campaign-progress.ts';
import { mostFrequent } from './suggestions.ts';

/** Campaigns through their life: create, configure, test, dispatch, pause, resume, remove; and their templates. */
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

  'website.testCampaign': (call) => {
    const campaign = findCampaign(call);
    if (!isReady(campaign)) throw new Refusal(CAMPAIGN_NOT_READY);
    return acted();
  },
  'website.dispatchCampaign': (call) => {
    const campaign = findCampaign(call);
    if (campaign.dispatched_at !== null) throw new Refusal(CAMPAIGN_ALREADY_DISPATCHED);
    if (!isReady(campaign)) throw new Refusal(CAMPAIGN_NOT_READY);
    campaign.dispatched_at = call.now;
    campaign.runningSince = call.now;
    campaign.updated_at = call.now;
    const what = `${recipientsOf(campaign, call.website).length} recipients`;
    call.state.recordDelivery({ at: call.now, channel: 'campaign', to: campaign.campaign_id, what });
    return acted();
  },
  'website.pauseCampaign': (call) => {
    const campaign = dispatchedCampaign(call);
    if (campaign.runningSince !== undefined) campaign.sentForMs += call.now - campaign.runningSince;
    campaign.runningSince = undefined;
    return acted();
  },
  'website.resumeCampaign': (call) => {
    const campaign = dispatchedCampaign(call);
    campaign.runningSince ??= call.now;
    return acted();
  },

  'website.listCampaignRecipients': (call) => {
    const campaign = findCampaign(call);
    if (campaign.dispatched_at !== null || campaign.type !== 'one-shot') throw new Refusal(CAMPAIGN_ALREADY_DISPATCHED);
    const people = pageOf(call, recipientsOf(campaign, call.website));
    return page(
      people.map(({ people_id, email, profile, subscribed }) => ({
        people_id,
        email,
        person: profile.person,
        subscribed,
      })),
    );
  },
  'website.listCampaignStatistics': (call) => {
    const campaign = findCampaign(call);
    const { action } = parseBody(StatisticsAction, { action: param(call, 'action') });
    const people = recipientsOf(campaign, call.website).slice(0, campaign.statistics[action]);
    return page(
      pageOf(call, people).map(({ people_id, email, profile }) => ({
        type: action,
        profile: { people_id, email, person: profile.person },
        data: {},
        created_at: campaign.dispatched_at ?? campaign.created_at,
        updated_at: campaign.dispatched_at ?? campaign.updated_at,
      })),
    );
  },

  'website.listCampaignTemplates': (call) => {
    const text = call.query.get('search_name')?.toLowerCase() ?? '';
    const kinds = (['static', 'custom'] as const).filter((kind) => flag(call.query, `filter_type_${kind}`));
    const found = [...call.website.campaignTemplates.values()]
      .filter((template) => String(template.name).toLowerCase().includes(text))
      .filter((template) => kinds.length === 0 || kinds.some((kind) => template.type === kind));
    return page(pageOf(call, found).map(({ content: _content, ...rest }) => rest));
  },
  'website.createNewCampaignTemplate': (call) => {
    const template_id = call.state.newId();
    const times = { created_at: call.now, updated_at: call.now };
    const sent = parseBody(NewTemplate, call.body);
    call.website.campaignTemplates.set(template_id, { ...sent, template_id, type: 'custom', content: '', ...times });
    return added({ template_id });
  },
  'website.checkCampaignTemplateExists': (call) => {
    findTemplate(call);
    return resolved({});
  },
  'website.getCampaignTemplate': (call) => resolved(findTemplate(call)),
  'website.saveCampaignTemplate': (call) => {
    const { template_id, type, created_at } = findTemplate(call);
    const sent = parseBody(Template, call.body);
    storeTemplate(call, { name: '', format: 'markdown', content: '', ...sent, template_id, type, created_at });
    return saved();
  },
  'website.updateCampaignTemplate': (call) => {
    storeTemplate(call, mergeFields(findTemplate(call), parseBody(Template, call.body)));
    return updated();
  },
  'website.removeCampaignTemplate': (call) => {
    findTemplate(call);
    call.website.campaignTemplates.delete(param(call, 'template_id'));
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
const Settings = z.looseObject({
  name: z.string().optional(),
  subject: z.string().optional(),
  message: z.string().optional(),
  format: z.string().optional(),
  tag: z.string().optional(),
  sender: z.looseObject({ user_id: z.string().optional() }).optional(),
  recipients: z
    .looseObject({
      type: z.string().optional(),
      segments: z.array(z.string()).optional(),
      people: z.array(z.string()).optional(),
    })
    .optional(),
  flow: z.looseObject({ launch_event: z.string().optional() }).optional(),
  options: z.looseObject({}).optional(),
});
const StatisticsAction = z.object({ action: z.enum(['opened', 'clicked', 'unsubscribed']) });
const NewTemplate = z.object({ format: z.string(), name: z.string() });
const Template = z.object({
  name: z.string().optional(),
  format: z.string().optional(),
  content: z.string().optional(),
});

const writable = (settings: Fields): Fields =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !MANAGED.has(key)));

function findCampaign(call: Call): Campaign {
  const campaign = call.website.campaigns.get(param(call, 'campaign_id'));
  if (campaign === undefined) throw new Refusal(CAMPAIGN_NOT_FOUND);
  return campaign;
}

function dispatchedCampaign(call: Call): Campaign {
  const campaign = findCampaign(call);
  if (campaign.dispatched_at === null) throw new Refusal(CAMPAIGN_NOT_DISPATCHED);
  campaign.updated_at = call.now;
  return campaign;
}

function findTemplate(call: Call): Fields {
  const template = call.website.campaignTemplates.get(param(call, 'template_id'));
  if (template === undefined) throw new Refusal(TEMPLATE_NOT_FOUND);
  return template;
}

function storeTemplate(call: Call, template: Fields): void {
  call.website.campaignTemplates.set(param(call, 'template_id'), { ...template, updated_at: call.now });
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
