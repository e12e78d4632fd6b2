import { type Random, uuid } from '../../process/random.ts';
import { CAMPAIGN_SENDING_MS } from '../inferred.ts';
import type { Fields } from '../merge.ts';
import type { Campaign } from '../website.ts';

/** Campaigns in every stage of their life: a draft, a ready one, one paused half-way, one done, and an automated one. */
const DAY = 24 * 3_600_000;

export function seedCampaigns(random: Random, now: number, senderId: string): readonly Campaign[] {
  const sender = { user_id: senderId };
  const campaign = (
    daysAgo: number,
    type: Campaign['type'],
    settings: Fields,
    rest: Partial<Pick<Campaign, 'dispatched_at' | 'runningSince' | 'sentForMs' | 'statistics'>> = {},
  ): Campaign => ({
    campaign_id: uuid(random),
    type,
    settings: { ...DEFAULTS, sender, ...settings },
    dispatched_at: null,
    runningSince: undefined,
    sentForMs: 0,
    created_at: now - daysAgo * DAY,
    updated_at: now - Math.floor((daysAgo * DAY) / 2),
    statistics: { opened: 0, clicked: 0, unsubscribed: 0 },
    ...rest,
  });
  return [
    campaign(1, 'one-shot', { name: 'Goodbye, V1 Dashboard', tag: 'product' }),
    campaign(3, 'one-shot', {
      name: 'Boards are here',
      tag: 'product',
      subject: 'Meet Boards',
      message: 'Hello {{nickname}}, your dashboards have become **Boards**.',
      recipients: { type: 'segments', segments: ['customer'] },
    }),
    campaign(
      9,
      'one-shot',
      {
        name: 'Price change in January',
        tag: 'billing',
        subject: 'A change of our prices',
        message: 'From January on, Pro costs 5 % more. Nothing changes before your renewal.',
        recipients: { type: 'all' },
      },
      { dispatched_at: now - 2 * DAY, sentForMs: CAMPAIGN_SENDING_MS / 2 },
    ),
    campaign(
      40,
      'one-shot',
      {
        name: 'October newsletter',
        tag: 'newsletter',
        subject: 'What is new in October',
        message: 'Faster exports, a dark theme, and a webinar.',
        recipients: { type: 'all' },
      },
      {
        dispatched_at: now - 38 * DAY,
        runningSince: now - 38 * DAY,
        statistics: { opened: 31, clicked: 12, unsubscribed: 2 },
      },
    ),
    campaign(
      200,
      'automated',
      {
        name: 'Welcome',
        tag: 'onboarding',
        subject: 'Welcome to Acme Analytics',
        message: 'Good to have you. Here are three things to try first.',
        flow: { launch_event: 'people:profile:created', assert_delay: 0, deliver_once: true, deliver_delay: 3_600 },
      },
      {
        dispatched_at: now - 190 * DAY,
        runningSince: now - 190 * DAY,
        statistics: { opened: 412, clicked: 160, unsubscribed: 5 },
      },
    ),
  ];
}

const DEFAULTS: Fields = {
  subject: '',
  format: 'markdown',
  message: '',
  tag: '',
  recipients: {},
  flow: {},
  options: {
    deliver_to_chatbox: false,
    deliver_to_email: true,
    sender_name_website: true,
    sender_email_reply: true,
    tracking: true,
  },
};

export function seedCampaignTemplates(random: Random, now: number): readonly Fields[] {
  return [
    { name: 'Plain letter', type: 'static', format: 'markdown', content: '{{message}}' },
    { name: 'Product news', type: 'custom', format: 'markdown', content: '# News\n\n{{message}}' },
  ].map((template) => ({
    ...template,
    template_id: uuid(random),
    created_at: now - 300 * DAY,
    updated_at: now - 90 * DAY,
  }));
}
