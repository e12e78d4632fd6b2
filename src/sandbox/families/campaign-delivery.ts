import { z } from 'zod';
import { acted, page, Refusal } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { CAMPAIGN_ALREADY_DISPATCHED, CAMPAIGN_NOT_DISPATCHED, CAMPAIGN_NOT_READY } from '../inferred.ts';
import { type Fields, isFields } from '../merge.ts';
import { pageOf } from '../query.ts';
import type { Campaign } from '../website.ts';
import { isReady, recipientsOf } from './campaign-progress.ts';
import { findCampaign } from './campaigns.ts';

/** A campaign on its way: test, dispatch, pause, resume, who receives it, and what they did with it. */
export const campaignDelivery: Handlers = {
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
        person: only(profile.person, ['nickname', 'avatar']),
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
        profile: { people_id, email, person: only(profile.person, ['nickname', 'avatar', 'geolocation']) },
        data: {},
        created_at: campaign.dispatched_at ?? campaign.created_at,
        updated_at: campaign.dispatched_at ?? campaign.updated_at,
      })),
    );
  },
};

const StatisticsAction = z.object({ action: z.enum(['opened', 'clicked', 'unsubscribed']) });

/** The given members of what is known of a person. */
function only(person: unknown, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(isFields(person) ? person : {}).filter(([name]) => names.includes(name)));
}

function dispatchedCampaign(call: Call): Campaign {
  const campaign = findCampaign(call);
  if (campaign.dispatched_at === null) throw new Refusal(CAMPAIGN_NOT_DISPATCHED);
  campaign.updated_at = call.now;
  return campaign;
}
