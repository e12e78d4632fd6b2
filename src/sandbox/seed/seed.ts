import { type Random, seededRandom, uuid } from '../../process/random.ts';
import { SandboxState } from '../state.ts';
import type { Website } from '../website.ts';
import { seedCampaigns, seedCampaignTemplates } from './campaigns.ts';
import { seedConversations } from './conversations.ts';
import { seedHelpdesk } from './helpdesk.ts';
import { HELPDESK_EN } from './helpdesk-en.ts';
import { HELPDESK_FR } from './helpdesk-fr.ts';
import { seedFeedbacks, seedHelpdeskSite } from './helpdesk-site.ts';
import { seedPeople } from './people.ts';
import { seedPlan, seedPlugins } from './plugins.ts';
import { seedSpams } from './spam.ts';
import { seedInboxes, seedOperators, seedTeams } from './team.ts';
import { BLOCKED_VISITORS, seedVisitors } from './visitors.ts';
import { emptyWebsite } from './website.ts';

/**
 * The data that a sandbox starts with: "Acme Analytics", a small company with a backlog of a month, and a second, empty
 * website that only the user tier reaches. Seed and clock alone decide it; `random` serves what is created later.
 */
export function seedState(options: { seed: number; now: number; random: Random }): SandboxState {
  const { seed, now, random } = options;
  const seeded = seededRandom(seed);
  const main = seedAcme(seeded, now);
  const other = emptyWebsite({
    website_id: uuid(seeded),
    name: 'Acme Labs',
    domain: 'labs.acme-analytics.example.com',
  });
  fill(main.plugins, seedPlugins(seeded, now), (plugin) => plugin.plugin_id);
  main.plan = seedPlan(seeded, now);
  const [own] = nonEmpty([...main.plugins.keys()]);
  return new SandboxState({ main, others: [other], ownerSecret: OWNER_SECRET, pluginId: own, random });
}

/** What an owner types to delete a website. */
const OWNER_SECRET = 'correct-horse-battery-staple';

function seedAcme(random: Random, now: number): Website {
  const website = emptyWebsite({
    website_id: uuid(random),
    name: 'Acme Analytics',
    domain: 'acme-analytics.example.com',
  });
  const operators = nonEmpty(seedOperators(random, now));
  const people = nonEmpty(seedPeople(random, now));
  const inboxes = seedInboxes(random, now, operators);
  const { website_id } = website;
  website.pluginInstalled = true;
  fill(website.operators, operators, (operator) => operator.user_id);
  fill(website.people, people, (person) => person.people_id);
  fill(website.inboxes, inboxes, (inbox) => inbox.inbox_id);
  const conversations = seedConversations({ random, now, website_id, people, operators, inboxes });
  fill(website.conversations, conversations, (conversation) => conversation.session_id);
  const authorId = operators.at(-1)?.user_id ?? '';
  seedHelpdeskSite(website.helpdesk, random);
  for (const source of [HELPDESK_EN, HELPDESK_FR]) seedHelpdesk(website.helpdesk, source, { random, now, authorId });
  fill(website.campaigns, seedCampaigns(random, now, operators[0].user_id), (campaign) => campaign.campaign_id);
  website.helpdesk.feedbacks = seedFeedbacks(website, now);
  fill(website.campaignTemplates, seedCampaignTemplates(random, now), (template) => String(template.template_id));
  fill(website.teams, seedTeams(random, now, operators), (team) => team.team_id);
  fill(website.visitors, seedVisitors(random, conversations), (visitor) => visitor.session_id);
  fill(website.spams, seedSpams(random, now), (spam) => spam.spam_id);
  for (const [rule, count] of BLOCKED_VISITORS) website.blockedVisitors.set(rule, count);
  return website;
}

function fill<Item>(map: Map<string, Item>, items: readonly Item[], key: (item: Item) => string): void {
  for (const item of items) map.set(key(item), item);
}

function nonEmpty<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new Error('the seed must not be empty');
  return [first, ...rest];
}
