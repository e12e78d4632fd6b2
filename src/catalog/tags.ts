/**
 * What a team does with Crisp. A server is limited to such tags; each tool has those of its family and maybe some of its
 * own. This is the one place where they are named and described.
 */
export const TAGS = {
  support: 'everyday work of a support team: conversations, messages, notes, assignment, looking up who and what',
  conversations: 'everything about conversations: state, meta, routing, messages, calls, batches, spam',
  messages: 'messages and notes in conversations',
  people: 'profiles of people, their data, events and subscriptions',
  crm: 'people as a sales or success team sees them: profiles, segments, data, import and export',
  helpdesk: 'the public knowledge base: articles, locales, pages, settings, redirections, feedback',
  campaigns: 'mailings: campaigns, templates, recipients, statistics',
  operators: 'the team: operators, their roles and availability, teams',
  inboxes: 'sub-inboxes, into which conversations are sorted',
  visitors: 'who is on the website now, and who is blocked',
  analytics: 'numbers about what happened',
  website: 'the workspace itself: settings, chatbox, availability, identity verification',
  billing: 'plans, coupons and what plugins cost',
  plugins: 'plugins: subscriptions, settings, events, widgets',
  files: 'uploads and animated images',
} as const;

export type Tag = keyof typeof TAGS;
