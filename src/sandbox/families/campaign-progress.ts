import { Conditions, satisfies } from '../conditions.ts';
import { CAMPAIGN_SENDING_MS } from '../inferred.ts';
import { isFields } from '../merge.ts';
import type { Campaign, Person, Website } from '../website.ts';
import { searchable } from './people-search.ts';

/**
 * Where a campaign stands, computed from what was configured and how long it has been sending: draft, ready, running,
 * paused, done. Crisp manages these fields itself; nobody writes them. Pure.
 */
export type Stage = 'not_configured' | 'ready' | 'sending' | 'paused' | 'done';

export function stageOf(campaign: Campaign, now: number): Stage {
  if (campaign.dispatched_at === null) return isReady(campaign) ? 'ready' : 'not_configured';
  if (progressOf(campaign, now) >= 100) return 'done';
  return campaign.runningSince === undefined ? 'paused' : 'sending';
}

/** An automated campaign never ends by itself. */
function progressOf(campaign: Campaign, now: number): number {
  if (campaign.type === 'automated' || campaign.dispatched_at === null) return 0;
  const running = campaign.runningSince === undefined ? 0 : now - campaign.runningSince;
  return Math.min(100, Math.floor(((campaign.sentForMs + running) / CAMPAIGN_SENDING_MS) * 100));
}

export function isReady(campaign: Campaign): boolean {
  const { subject, message, recipients, flow } = campaign.settings;
  const written = typeof subject === 'string' && subject !== '' && typeof message === 'string' && message !== '';
  const aimed =
    campaign.type === 'automated'
      ? isFields(flow) && typeof flow.launch_event === 'string'
      : isFields(recipients) && typeof recipients.type === 'string';
  return written && aimed;
}

/** The subscribed people whom a campaign is for. */
export function recipientsOf(campaign: Campaign, website: Website): readonly Person[] {
  const { recipients } = campaign.settings;
  if (!isFields(recipients)) return [];
  const { type, segments, people, filter } = recipients;
  const conditions = Conditions.safeParse(filter).data ?? [];
  return [...website.people.values()].filter((person) => {
    if (person.email === '' || !person.subscribed) return false;
    if (type === 'all') return true;
    const own = person.profile.segments;
    const bySegment =
      Array.isArray(segments) && Array.isArray(own) && own.some((segment) => segments.includes(segment));
    const byCondition = conditions.length > 0 && satisfies(searchable(person), conditions, 'and');
    return bySegment || byCondition || (Array.isArray(people) && people.includes(person.people_id));
  });
}

export function campaignView(campaign: Campaign, website: Website, now: number): Readonly<Record<string, unknown>> {
  const stage = stageOf(campaign, now);
  const progress = progressOf(campaign, now);
  const targets = campaign.type === 'automated' ? campaign.statistics.opened : recipientsOf(campaign, website).length;
  return {
    ...campaign.settings,
    campaign_id: campaign.campaign_id,
    type: campaign.type,
    ready: isReady(campaign),
    dispatched: campaign.dispatched_at !== null,
    running: stage === 'sending',
    progress,
    targets,
    reached: campaign.type === 'automated' ? targets : Math.floor((targets * progress) / 100),
    statistics: campaign.statistics,
    created_at: campaign.created_at,
    updated_at: campaign.updated_at,
    dispatched_at: campaign.dispatched_at,
  };
}
