import { type Random, uuid } from '../../process/random.ts';
import { secretKey } from '../identifiers.ts';
import type { Inbox, Operator, Team } from '../website.ts';

/** The team of Acme Analytics and its inboxes. The first operator is the owner, to whom the user-tier token belongs. */
const TEAM = [
  { first_name: 'Mara', last_name: 'Lindqvist', title: 'Founder', role: 'owner', availability: 'online' },
  { first_name: 'Theo', last_name: 'Okafor', title: 'Support lead', role: 'member', availability: 'online' },
  { first_name: 'Ines', last_name: 'Carvalho', title: 'Support engineer', role: 'member', availability: 'online' },
  { first_name: 'Jonas', last_name: 'Weidler', title: 'Billing', role: 'member', availability: 'offline' },
  { first_name: 'Priya', last_name: 'Ramanujan', title: 'Documentation', role: 'member', availability: 'offline' },
] as const;

const INBOXES = ['Support', 'Billing', 'Sales'] as const;
export type InboxName = (typeof INBOXES)[number];
const EMOJI: Readonly<Record<InboxName, string>> = { Support: '🛟', Billing: '💳', Sales: '📈' };

const HOUR = 3_600_000;

export function seedOperators(random: Random, now: number): readonly Operator[] {
  return TEAM.map((member, index) => {
    const user_id = uuid(random);
    return {
      ...member,
      user_id,
      email: `${member.first_name.toLowerCase()}@acme-analytics.example.com`,
      avatar: `https://assets.example.com/avatar/${user_id}.png`,
      has_token: true,
      identifier: uuid(random),
      key: secretKey(random),
      lastActive: now - index * 3 * HOUR,
    };
  });
}

export function seedInboxes(random: Random, now: number, operators: readonly Operator[]): readonly Inbox[] {
  return INBOXES.map((name, order) => ({
    inbox_id: uuid(random),
    name,
    emoji: EMOJI[name],
    order,
    operators: operators.slice(order, order + 3).map((operator) => operator.user_id),
    teams: [],
    team_operators: [],
    conditions: [],
    operator: 'and',
    created_at: now - 400 * 24 * HOUR,
    updated_at: now - 30 * 24 * HOUR,
  }));
}

/** One team: those who answer. */
export function seedTeams(random: Random, now: number, operators: readonly Operator[]): readonly Team[] {
  const members = operators.slice(1, 4).map((operator) => operator.user_id);
  const created_at = now - 200 * 24 * HOUR;
  return [
    { team_id: uuid(random), name: 'First line', emoji: '☎️', operators: members, created_at, updated_at: created_at },
  ];
}
